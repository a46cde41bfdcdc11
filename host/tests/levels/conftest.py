"""An application with a tombola that leaves some of its settings to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.context import Actor
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk.context import current_settings
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

SHOP = "tombola"

_PLUGIN = """
from marshmallow import Schema, fields, validate
from meishi.sdk.plugin import PluginSettings, SettingsLevel, hookimpl
class ShopSettings(Schema):
    currency = fields.String(load_default="EUR", validate=validate.Length(equal=3))
    per_page = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    limit = fields.Integer(load_default=5)
    api_key = fields.String(load_default="hunter2")
@hookimpl
def settings():
    return PluginSettings(schema=ShopSettings, secrets=["api_key"],
        levels={"currency": SettingsLevel.WORKSPACE, "per_page": SettingsLevel.USER})
"""


def write_shop(packages: PluginPackages) -> None:
    """Write the plugin."""
    packages.add(SHOP, plugin=_PLUGIN, api_prefix=SHOP)


@dataclass(frozen=True, slots=True)
class Shop:
    """The tombola in a workspace, over HTTP and from inside."""

    app: Flask
    host: Host
    admin: psycopg.Connection[Any]
    workspace: WorkspaceUnderTest

    @property
    def client(self) -> FlaskClient:
        """Return a new client."""
        return self.app.test_client()

    def get(self, place: str = "/tombola") -> TestResponse:
        """Read settings."""
        return self.client.get(f"/api/v1/settings{place}", headers=self.workspace.headers)

    def patch(
        self, values: Mapping[str, Any], place: str = "/tombola", *, tag: str = "*"
    ) -> TestResponse:
        """Set values."""
        return self.client.patch(
            f"/api/v1/settings{place}",
            json={"values": values},
            headers=self.workspace.headers | {"If-Match": tag},
            content_type="application/merge-patch+json",
        )

    def effective(self, user: UUID | None = None, workspace: UUID | None = None) -> dict[str, Any]:
        """Return what the plugin's code is told."""
        place = workspace or self.workspace.id
        with self.host.scope(workspace=place, plugin=SHOP, actor=Actor(user_id=user)):
            return dict(current_settings())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the administrator sees."""
        return self.admin.execute(query.encode()).fetchall()


@pytest.fixture(scope="package")
def shop_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application; its deployment sets the plugin's limit and page size."""
    settings = replace(
        meishi_settings,
        deployment=SHOP,
        plugins=(SHOP,),
        plugin_settings={SHOP: {"limit": "7", "per_page": 30}},
    )
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write_shop) as application:
        yield application


@pytest.fixture
def tombola(shop_application: TestApplication) -> Iterator[Shop]:
    """The application on a database of its own."""
    host = shop_application.host
    with (
        shop_application.lent() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        yield Shop(shop_application.app, host, admin, found_workspace(host, "one"))
