"""The workbench: plugins that are loaded together, and databases on which to try them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from types import TracebackType
from typing import Self

import psycopg
from flask import Flask

from meishi.database.location import Location
from meishi.database.roles import RoleNames
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.discovery import discover
from meishi.lifecycle.loading import PluginSet
from meishi.settings import Settings
from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.full_application import (
    FullApplication,
    application_on,
    filled,
)
from meishi.testing.conformance.trials import MigrationTrial, tried
from meishi.testing.databases import TestDatabases
from meishi.testing.imports import Breach, import_breaches


class Workbench:
    """What checks work with; each part is made when it is first asked for.

    `databases` opens databases in which the revisions of all `plugins` are applied.
    """

    def __init__(
        self, settings: Settings, plugins: PluginSet, databases: Callable[[], TestDatabases]
    ) -> None:
        self.plugins = plugins
        self._settings = settings
        self.roles = RoleNames(settings.deployment)
        self._open_databases = databases
        self._trials: dict[str, MigrationTrial] = {}
        self._in_use = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._in_use.close()

    def contribution(self, plugin: str) -> Contribution:
        """Return what an active plugin supplies."""
        return self.plugins.contributions[plugin]

    @cached_property
    def packages(self) -> dict[str, str]:
        """The package of each installed plugin."""
        return {item.name: item.module.rpartition(".")[0] for item in discover()}

    @cached_property
    def breaches(self) -> list[Breach]:
        """Imports that cross a boundary, in all that is installed."""
        return import_breaches()

    @cached_property
    def databases(self) -> TestDatabases:
        """Databases with the revisions of all plugins, and empty ones."""
        return self._open_databases()

    def trial(self, plugin: str) -> MigrationTrial:
        """Return what happened when a plugin's revisions went up, down and up again."""
        if plugin not in self._trials:
            with self.databases.empty() as location:
                self._trials[plugin] = tried(self.plugins, plugin, location, self.roles)
        return self._trials[plugin]

    @cached_property
    def location(self) -> Location:
        """A database of this workbench's own, in which all revisions are applied."""
        return self._in_use.enter_context(self.databases.clone())

    @cached_property
    def administrator(self) -> Administrator:
        """The administrator's connection to that database."""
        return self._in_use.enter_context(psycopg.connect(self.location.administrator_url()))

    @cached_property
    def application(self) -> Flask:
        """The plugins' application, on the database in which nothing is kept."""
        return self._in_use.enter_context(
            application_on(self.location, self._settings, self.plugins)
        )

    @cached_property
    def full_application(self) -> FullApplication:
        """The same on a database of its own, whose lists are full."""
        location = self._in_use.enter_context(self.databases.clone())
        app = application_on(location, self._settings, self.plugins)
        return filled(self._in_use.enter_context(app), location)

    @contextmanager
    def undone(self) -> Iterator[Administrator]:
        """Lend the administrator's connection; what the block does there is undone."""
        with self.administrator.transaction(force_rollback=True):
            yield self.administrator

    def stateful(self) -> list[str]:
        """Return the names of the plugins that have a db_schema."""
        return [item.plugin for item in self.plugins.active() if item.versions is not None]
