"""Applications for tests: booted once, and lent to each test with a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages, plugin_packages


@dataclass(frozen=True, slots=True)
class TestApplication:
    """An application that is on no database until it is lent."""

    __test__ = False

    app: Flask
    databases: TestDatabases

    @property
    def host(self) -> Host:
        """The application's host."""
        found: Host = self.app.extensions["meishi"]
        return found

    @contextmanager
    def lent(self) -> Iterator[Location]:
        """Put the application on a database of its own until the block ends."""
        with self.databases.clone() as location:
            self.host.use_database(location.runtime_url)
            yield location
            self.host.close()


def application_with(settings: Settings, databases: TestDatabases) -> Flask:
    """Return an application with settings of a test's own; each test gives it a database.

    The plugins are those of the settings that the databases were made with.
    """
    with databases.clone() as location:
        app = create_app(settings, location=location)
        app.extensions["meishi"].close()
    return app


@contextmanager
def application_of_packages(
    server: EmbeddedPostgres,
    settings: Settings,
    folder: Path,
    write: Callable[[PluginPackages], object],
) -> Iterator[TestApplication]:
    """Boot an application with plugins that `write` makes; they are there until the block ends.

    The settings name the plugins, and a deployment that no other on this server has.
    """
    with plugin_packages(folder) as packages:
        write(packages)
        databases = TestDatabases(server, settings)
        with databases.clone() as location:
            app = create_app(settings, location=location)
            app.extensions["meishi"].close()
        yield TestApplication(app, databases)
