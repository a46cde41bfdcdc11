"""Two databases that have the same plugin, and a host on the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.moves.side import Side
from meishi.placement import Placement
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages

from .larder import write_larder

TOKEN = "the-token-of-a-larder-that-nobody-guesses"


@dataclass(frozen=True)
class Pair:
    """The main deployment's application and database, and the database of the service to be."""

    app: Flask
    main: Side
    service: Side
    location: Location

    @property
    def host(self) -> Host:
        """The host of the main deployment."""
        found: Host = self.app.extensions["meishi"]
        return found


@pytest.fixture(scope="package")
def made(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Flask, TestDatabases]]:
    """The application of a deployment with a larder, on no database yet."""
    with plugin_packages(tmp_path_factory.mktemp("packages")) as packages:
        write_larder(packages)
        settings = replace(
            meishi_settings,
            deployment="larders",
            plugins=("larder",),
            plugins_listed=True,
            movable={"larder": Placement(url="", token=TOKEN)},
        )
        databases = TestDatabases(meishi_server, settings)
        with databases.clone() as location:
            app = create_app(settings, location=location)
            app.extensions["meishi"].close()
        yield app, databases


@pytest.fixture
def pair(made: tuple[Flask, TestDatabases]) -> Iterator[Pair]:
    """Both sides, each on a fresh database."""
    app, databases = made
    with ExitStack() as stack:
        locations = [stack.enter_context(databases.clone()) for _ in range(2)]
        app.extensions["meishi"].use_database(locations[0].runtime_url)
        stack.callback(app.extensions["meishi"].close)
        main, service = (location.administrator_url() for location in locations)
        yield Pair(
            app, Side("the main deployment", main), Side("the service", service), locations[0]
        )


@pytest.fixture
def shared(pair: Pair) -> WorkspaceUnderTest:
    """A workspace of the main deployment."""
    return found_workspace(pair.host, "one")
