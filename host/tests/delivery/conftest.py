"""An application with a bazaar and a scribe, on a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages

from .traders import BAZAAR, SCRIBE, write_packages


@dataclass(frozen=True, slots=True)
class Market:
    """The application, a workspace in it, and the administrator's view of its database."""

    host: Host
    location: Location
    admin: psycopg.Connection[Any]
    workspace: WorkspaceUnderTest

    def publish(self, *events: Any, workspace: UUID | None = None) -> None:
        """Let the bazaar publish events in one transaction."""
        with self.host.scope(workspace=workspace or self.workspace.id, plugin=BAZAAR):
            self.host.publish(events)

    def book(self, name: str = "main", workspace: UUID | None = None) -> list[tuple[str, int]]:
        """Return what stands in a book of a workspace, in the order of its entries."""
        query = """
            SELECT thing, number FROM scribe.entry
            WHERE book = %s AND workspace_id = %s ORDER BY id
        """
        return self.admin.execute(query, [name, workspace or self.workspace.id]).fetchall()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what the administrator sees."""
        return self.admin.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="package")
def market_settings(meishi_settings: Settings) -> Settings:
    """Settings of a deployment with both plugins."""
    return replace(
        meishi_settings, deployment="market", plugins=(*meishi_settings.plugins, BAZAAR, SCRIBE)
    )


@pytest.fixture(scope="package")
def market_databases(
    meishi_server: EmbeddedPostgres,
    market_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestDatabases]:
    """Databases with both plugins, whose packages are there meanwhile."""
    with plugin_packages(tmp_path_factory.mktemp("packages")) as packages:
        write_packages(packages)
        yield TestDatabases(meishi_server, market_settings)


@pytest.fixture(scope="package")
def market_app(market_databases: TestDatabases, market_settings: Settings) -> Flask:
    """The application; each test gives it a database."""
    with market_databases.clone() as location:
        app = create_app(market_settings, location=location)
        app.extensions["meishi"].close()
    return app


@pytest.fixture
def market(market_app: Flask, market_databases: TestDatabases) -> Iterator[Market]:
    """The application on a database of its own."""
    host: Host = market_app.extensions["meishi"]
    with (
        market_databases.clone() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        host.use_database(location.runtime_url)
        yield Market(host, location, admin, found_workspace(host, "one"))
        host.close()


@pytest.fixture
def deliver(market: Market) -> EventDeliveries:
    """Delivers events at once; the scribe's subscriptions begin with the test."""
    deliveries = EventDeliveries(market.host)
    deliveries.register()
    # What the host's own parts listen to is theirs.
    market.admin.execute("DELETE FROM meishi_events.subscription WHERE plugin <> %s", [SCRIBE])
    return deliveries
