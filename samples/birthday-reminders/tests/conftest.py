"""The application under test runs this plugin, beside the contacts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meishi.testing.types import Settings


@pytest.fixture(scope="session")
def meishi_settings(meishi_settings: Settings) -> Settings:
    """Settings of the tests."""
    mine = {"birthday_reminders": {"days_ahead": 3}}
    return replace(
        meishi_settings,
        plugins=("crm_contacts", "birthday_reminders"),
        plugin_settings={**meishi_settings.plugin_settings, **mine},
    )
