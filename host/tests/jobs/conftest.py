"""An application with a foundry, on a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from meishi.context import Actor
from meishi.core.operations.contract import Operation, Operations
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk import jobs
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns

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
def foundry_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, whose package is there meanwhile; each test gives it a database."""
    settings = replace(meishi_settings, deployment="foundry", plugins=(FOUNDRY,))
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write_foundry) as application:
        yield application


@pytest.fixture
def foundry_app(foundry_application: TestApplication) -> Flask:
    """The application as Flask knows it."""
    return foundry_application.app


@pytest.fixture
def foundry(foundry_application: TestApplication) -> Iterator[Foundry]:
    """The application on a database of its own."""
    host = foundry_application.host
    with (
        foundry_application.lent() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        yield Foundry(host, admin, found_workspace(host, "one"))


@pytest.fixture
def run(foundry: Foundry) -> JobRuns:
    """Runs jobs at once."""
    deliveries = EventDeliveries(foundry.host)
    deliveries.register()
    return JobRuns(foundry.host, deliveries)
