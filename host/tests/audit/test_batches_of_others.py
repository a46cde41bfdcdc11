"""Items of a batch that its sender may not do: they are written, whatever becomes of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.sdk.context import service
from meishi.settings import BootPolicy, Settings
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import plugin_packages

from .conftest import Audit

SHOP = '''
from flask.views import MethodView
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, hookimpl

blueprint = Blueprint("shop", description="Shop")

@hookimpl
def permissions():
    return [Permission(name="read", title="Read"), Permission(name="write", title="Write")]

@hookimpl
def routes():
    return [blueprint]

@blueprint.route("")
class Shelf(MethodView):
    @blueprint.requires("write")
    @blueprint.response(200)
    def post(self):
        """Put something there."""
        return {}

@blueprint.route("/<thing>")
class Thing(MethodView):
    @blueprint.requires("read")
    @blueprint.unconditional("There are enough.")
    @blueprint.response(204)
    def delete(self, thing):
        """Take it away."""

blueprint.batch("", collection=Shelf, item=Thing)
'''


@pytest.fixture
def shop(tmp_path: Path, meishi_settings: Settings, database: Location) -> Iterator[Flask]:
    """An application with a shop, where who puts things on the shelf may not take them away."""
    with plugin_packages(tmp_path) as packages:
        packages.add("shop", plugin=SHOP, api_prefix="shop")
        settings = replace(meishi_settings, plugins=(*meishi_settings.plugins, "shop"))
        app = create_app(settings.with_policy(BootPolicy.STRICT), location=database)
        yield app
        app.extensions["meishi"].close()


@pytest.mark.parametrize("atomic", [False, True], ids=["each", "atomic"])
@pytest.mark.parametrize("thing", ["x-1", "ada@example.com"])
def test_a_denied_item_is_written(shop: Flask, audit: Audit, atomic: bool, thing: str) -> None:
    """Also where all of the batch is undone; an id that may be somebody's address is left out."""
    workspace = found_workspace(shop.extensions["meishi"], "one")
    with workspace.acting_as("identity"):
        token = service(Tokens).issue(
            user_id=workspace.owner_id, name="writer", scopes=frozenset({"shop.write"})
        )
    answer = shop.test_client().post(
        "/api/v1/shop:batch",
        json={"items": [{"method": "POST"}, {"method": "DELETE", "id": thing}], "atomic": atomic},
        headers={"Authorization": f"Bearer {token.secret}"},
    )
    assert answer.status_code == 207, answer.text
    done = [] if atomic else [("done", "POST /api/v1/shop")]
    assert audit.actions() == [*done, ("denied", "DELETE /api/v1/shop/{thing}")]
    last = audit.rows()[-1]
    assert (last.permission, last.resource_type) == ("shop.read", "shop")
    assert last.resource_id == ("x-1" if thing == "x-1" else None)
