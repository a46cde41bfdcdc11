"""One application with two throw-away plugins, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from meishi.app import create_app
from meishi.context import Scope
from meishi.database.location import Location
from meishi.host import Host
from meishi.lifecycle.installation import upgrade_all
from meishi.lifecycle.loading import load_plugins
from meishi.sdk.plugin import DeliveryMode, on
from meishi.settings import CallMode, Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import plugin_packages

from .leavings import Left
from .ledgers import FIRST, SECOND, contract_of, hear, write_packages

Administrator = psycopg.Connection[Any]


@dataclass(frozen=True)
class Stage:
    """The application with both plugins, and the administrator's view of its database."""

    app: Flask
    admin: Administrator
    location: Location

    @property
    def host(self) -> Host:
        """The application's host."""
        found: Host = self.app.extensions["meishi"]
        return found

    @property
    def encoded(self) -> bool:
        """Whether calls run encoded, and in transactions of their own unless atomic."""
        return self.host.settings.calls is CallMode.CODEC

    def acting_as(self, plugin: str, workspace: UUID) -> AbstractContextManager[Scope]:
        """Open a unit of work as a plugin's code."""
        return self.host.scope(workspace=workspace, plugin=plugin)

    def limit_connections(self, number: int) -> None:
        """Give the host a pool of `number` connections, and as many for a rush."""
        self.host.settings = replace(self.host.settings, database_pool=number)
        self.host.use_database(self.location.runtime_url)

    def role(self, plugin: str) -> str:
        """Return the role under which a plugin's code runs."""
        return self.host.roles.run(plugin)

    def notes(self, workspace: UUID) -> list[tuple[str, str]]:
        """Return plugin and text of all committed notes of a workspace."""
        query = " UNION ALL ".join(
            f"SELECT '{name}', body FROM {name}.note WHERE workspace_id = %(id)s"
            for name in (FIRST, SECOND)
        )
        return sorted(self.admin.execute(query.encode(), {"id": workspace}).fetchall())

    def events(self, workspace: UUID) -> list[tuple[str, str]]:
        """Return source and subject of all logged events of a workspace, in order."""
        query = "SELECT source, subject FROM meishi_events.event WHERE workspace_id = %s"
        return self.admin.execute(f"{query} ORDER BY pos".encode(), [workspace]).fetchall()

    def left(self, workspace: UUID) -> tuple[list[str], list[str]]:
        """Return the texts of the notes, and the subjects of the events, that were committed."""
        return (
            sorted(body for _, body in self.notes(workspace)),
            [subject for _, subject in self.events(workspace)],
        )


@pytest.fixture(scope="package")
def _stage(
    meishi_databases: TestDatabases,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    settings = replace(meishi_settings, plugins=(*meishi_settings.plugins, FIRST, SECOND))
    with (
        plugin_packages(tmp_path_factory.mktemp("packages")) as packages,
        meishi_databases.clone() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        write_packages(packages)
        upgrade_all(settings, location, load_plugins(settings), [FIRST, SECOND])
        app = create_app(settings, location=location)
        stage = Stage(app, admin, location)
        # No manifest can say that two plugins hear each other.
        heard = on(contract_of(SECOND).Noted, hear, mode=DeliveryMode.IN_TRANSACTION)
        stage.host.signals.connect(FIRST, heard)
        yield stage
        stage.host.close()


@pytest.fixture
def stage(_stage: Stage) -> Iterator[Stage]:
    """The application on fresh connections."""
    settings = _stage.host.settings
    _stage.host.use_database(_stage.location.runtime_url)
    yield _stage
    _stage.host.engine.dispose()
    _stage.host.settings = settings


@pytest.fixture
def home(stage: Stage) -> UUID:
    """The id of a workspace in which nothing was done yet."""
    return stage.host.new_id()


@pytest.fixture
def left(stage: Stage) -> Left:
    """What is left on the only connection of a pool of one."""
    stage.limit_connections(1)
    return Left(stage)
