"""An application with a foundry, on a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from meishi.app import create_app
from meishi.context import Actor
from meishi.core.operations.contract import Operation, Operations
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk import jobs
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns
from meishi.testing.packages import plugin_packages

from .foundry import FOUNDRY, write_foundry


@dataclass(frozen=True, slots=True)
class Foundry:
    """The application, a workspace in it, and the administrator's view of its database."""

    host: Host
    admin: psycopg.Connection[Any]
    workspace: WorkspaceUnderTest

    def request(
        self, job: str, options: jobs.JobOptions | None = None, /, **arguments: Any
    ) -> UUID:
        """Ask for a job in the workspace, as its owner."""
        actor = Actor(user_id=self.workspace.owner_id)
        with self.host.scope(workspace=self.workspace.id, plugin=FOUNDRY, actor=actor):
            return jobs.request(job, options, **arguments)

    def operation(self, number: UUID) -> Operation:
        """Return an operation of the workspace."""
        with self.host.scope(workspace=self.workspace.id):
            return self.host.service(Operations).get(number)

    def cancel(self, number: UUID) -> None:
        """Ask that an operation stops."""
        with self.host.scope(workspace=self.workspace.id):
            self.host.service(Operations).cancel(number)

    def parts(self, thing: str) -> list[int]:
        """Return the numbers of the parts of a thing, in the order in which they were cast."""
        query = "SELECT number FROM foundry.part WHERE thing = %s ORDER BY id"
        return [number for (number,) in self.rows(query, [thing])]

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what the administrator sees."""
        return self.admin.execute(query.encode(), values).fetchall()

    def states(self) -> list[str]:
        """Return the state of each queued job, oldest first."""
        query = "SELECT status::text FROM meishi_jobs.procrastinate_jobs ORDER BY id"
        return [state for (state,) in self.rows(query)]


@pytest.fixture(scope="package")
def foundry_settings(meishi_settings: Settings) -> Settings:
    """Settings of a deployment with the plugin."""
    return replace(meishi_settings, deployment="foundry", plugins=(FOUNDRY,))


@pytest.fixture(scope="package")
def foundry_databases(
    meishi_server: EmbeddedPostgres,
    foundry_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestDatabases]:
    """Databases with the plugin, whose package is there meanwhile."""
    with plugin_packages(tmp_path_factory.mktemp("packages")) as packages:
        write_foundry(packages)
        yield TestDatabases(meishi_server, foundry_settings)


@pytest.fixture(scope="package")
def foundry_app(foundry_databases: TestDatabases, foundry_settings: Settings) -> Flask:
    """The application; each test gives it a database."""
    with foundry_databases.clone() as location:
        app = create_app(foundry_settings, location=location)
        app.extensions["meishi"].close()
    return app


@pytest.fixture
def foundry(foundry_app: Flask, foundry_databases: TestDatabases) -> Iterator[Foundry]:
    """The application on a database of its own."""
    host: Host = foundry_app.extensions["meishi"]
    with (
        foundry_databases.clone() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        host.use_database(location.runtime_url)
        yield Foundry(host, admin, found_workspace(host, "one"))
        host.close()


@pytest.fixture
def run(foundry: Foundry) -> JobRuns:
    """Runs jobs at once."""
    deliveries = EventDeliveries(foundry.host)
    deliveries.register()
    return JobRuns(foundry.host, deliveries)
