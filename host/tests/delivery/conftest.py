"""An application with a bazaar and a scribe, on a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings
from meishi.switches.interface import PluginSwitches
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

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
def market_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, whose packages are there meanwhile; each test gives it a database."""
    plugins = (*meishi_settings.plugins, BAZAAR, SCRIBE)
    settings = replace(meishi_settings, deployment="market", plugins=plugins)
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write_packages) as application:
        yield application


@pytest.fixture
def market_app(market_application: TestApplication) -> Flask:
    """The application as Flask knows it."""
    return market_application.app


@pytest.fixture
def market(market_application: TestApplication) -> Iterator[Market]:
    """The application on a database of its own."""
    host = market_application.host
    with (
        market_application.lent() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        yield Market(host, location, admin, found_workspace(host, "one"))


@pytest.fixture
def deliver(market: Market) -> EventDeliveries:
    """Delivers events at once; the scribe's subscriptions begin with the test."""
    deliveries = EventDeliveries(market.host)
    deliveries.register()
    # What the host's own parts listen to is theirs.
    market.admin.execute("DELETE FROM meishi_events.subscription WHERE plugin <> %s", [SCRIBE])
    return deliveries


def switch(market: Market, *, on: bool, workspace: UUID | None = None) -> None:
    """Switch the scribe, for the deployment or for a workspace."""
    with market.host.scope(workspace=workspace, plugin="meishi_plugins"):
        switches = market.host.service(PluginSwitches)
        if workspace is None:
            switches.switch(SCRIBE, on=on)
        else:
            switches.switch_here(SCRIBE, on=on)
    market.host.switches.refresh()
