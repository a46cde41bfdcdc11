"""An application of the plugins on trial, and what its lists show when they are full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from meishi.app import create_app
from meishi.database.location import Location
from meishi.host import Host
from meishi.lifecycle.loading import PluginSet
from meishi.settings import Settings
from meishi.testing.conformance.bulk_rows import FilledTables
from meishi.testing.conformance.list_plans import fill_lists
from meishi.testing.fixtures import found_workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class FullApplication:
    """An application on a database of its own, whose lists are full in one workspace.

    `headers` authenticate requests there.
    """

    app: Flask
    location: Location
    tables: FilledTables
    headers: Mapping[str, str]

    @property
    def host(self) -> Host:
        """The application's host."""
        found: Host = self.app.extensions["meishi"]
        return found


@contextmanager
def application_on(location: Location, settings: Settings, plugins: PluginSet) -> Iterator[Flask]:
    """Yield the application of the plugins that are loaded already."""
    app = create_app(settings, location=location, plugins=plugins)
    try:
        yield app
    finally:
        app.extensions["meishi"].close()


def filled(app: Flask, location: Location) -> FullApplication:
    """Found a workspace, and fill the tables behind the application's lists."""
    host: Host = app.extensions["meishi"]
    workspace = found_workspace(host, "full")
    tables = fill_lists(location, [*host.plugins.active()], workspace.id)
    return FullApplication(app=app, location=location, tables=tables, headers=workspace.headers)
