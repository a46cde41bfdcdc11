"""The viral engine where no other plugin runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from meishi.testing.applications import application_with
from meishi.testing.databases import TestDatabases
from meishi.testing.types import Browser, Settings

from .conftest import Viral


@pytest.fixture(scope="module")
def meishi_app(meishi_databases: TestDatabases, meishi_settings: Settings) -> Flask:
    """The host's own parts and this plugin."""
    return application_with(replace(meishi_settings, plugins=("crm_viral",)), meishi_databases)


@pytest.mark.one_piece
def test_the_page_shows_no_picture_where_nobody_draws_one(viral: Viral, signed_in: Browser) -> None:
    """The address is there to be shared; asked for the picture, the API says what is missing."""
    link = viral.link(viral.programme())
    shown = signed_in.get("/viral").text
    assert link["url"] in shown
    assert "code.svg" not in shown
    refused = viral.get(f"links/{link['id']}/code.svg", 409)
    assert refused["type"].endswith("image-unavailable")
