"""The pytest plugin: an application on a database of its own, a workspace, a client.

Imports wait for the first use, so that loading the plugin costs a run without it nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from meishi.context import Scope
    from meishi.database.embedded import EmbeddedPostgres
    from meishi.database.location import Location
    from meishi.host import Host
    from meishi.settings import Settings
    from meishi.testing.browsing import Browser
    from meishi.testing.databases import TestDatabases
    from meishi.testing.events import EventDeliveries, PublishedEvents, Scenario
    from meishi.testing.jobs import JobRuns


@dataclass(frozen=True, slots=True)
class WorkspaceUnderTest:
    """A workspace with its owner and an API token of theirs."""

    host: Host
    id: UUID
    owner_id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request."""
        return {"Authorization": f"Bearer {self.token}"}

    def acting_as(self, plugin: str) -> AbstractContextManager[Scope]:
        """Open a unit of work in this workspace that runs as a plugin's code."""
        return self.host.scope(workspace=self.id, plugin=plugin)


@pytest.fixture(scope="session")
def meishi_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the applications under test: strict, and in the call mode of the run."""
    from dataclasses import replace

    from meishi.settings import BootPolicy, load_settings

    overrides: dict[str, Any] = {
        "home": str(tmp_path_factory.mktemp("meishi")),
        "deployment": "test",
        "boot_policy": BootPolicy.STRICT,
        # Tests ask more often than people and programs do.
        "rate_limit_per_minute": 0,
        "rate_limit_workspace_per_minute": 0,
        "rate_limit_address_per_minute": 0,
        "rate_limit_forms_per_minute": 0,
        # They take rights away, and look at once what is refused.
        "token_memory_milliseconds": 0,
    }
    # Passwords are hashed as cheaply as can be.
    cheap = {"password_memory_kib": 64, "password_passes": 1, "password_lanes": 1}
    return replace(load_settings(overrides=overrides), plugin_settings={"identity": cheap})


@pytest.fixture(scope="session")
def meishi_server(meishi_settings: Settings) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the whole run; what it writes may be lost."""
    from meishi.database.embedded import EmbeddedPostgres

    with EmbeddedPostgres(meishi_settings.home, durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def meishi_databases(meishi_server: EmbeddedPostgres, meishi_settings: Settings) -> TestDatabases:
    """Databases in which every plugin's revisions are applied."""
    from meishi.testing.databases import TestDatabases

    return TestDatabases(meishi_server, meishi_settings)


@pytest.fixture(scope="session")
def meishi_app(meishi_databases: TestDatabases, meishi_settings: Settings) -> Flask:
    """The application object; each test gives it a database."""
    from meishi.testing.applications import application_with

    return application_with(meishi_settings, meishi_databases)


@pytest.fixture
def database(meishi_databases: TestDatabases) -> Iterator[Location]:
    """A migrated database of its own for this test."""
    with meishi_databases.clone() as location:
        yield location


@pytest.fixture
def app(meishi_app: Flask, database: Location) -> Iterator[Flask]:
    """The application on this test's database."""
    host: Host = meishi_app.extensions["meishi"]
    host.use_database(database.runtime_url)
    yield meishi_app
    host.close()


@pytest.fixture
def host(app: Flask) -> Host:
    """The application's host."""
    found: Host = app.extensions["meishi"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the web API, not authenticated."""
    return app.test_client()


@pytest.fixture
def workspace(host: Host) -> WorkspaceUnderTest:
    """A workspace with its owner and a token."""
    return found_workspace(host, "one")


@pytest.fixture
def other_workspace(host: Host) -> WorkspaceUnderTest:
    """A second workspace, of somebody else."""
    return found_workspace(host, "two")


@pytest.fixture
def signed_in(client: FlaskClient, workspace: WorkspaceUnderTest) -> Browser:
    """A browser in which the owner of the workspace is signed in."""
    from meishi.testing.browsing import Browser

    browser = Browser(client)
    browser.sign_in(workspace.host, workspace.owner_id)
    return browser


@pytest.fixture
def published_events(host: Host) -> PublishedEvents:
    """Tells which events were published in this test's database."""
    from meishi.testing.events import PublishedEvents

    return PublishedEvents(host)


@pytest.fixture
def deliver_events(host: Host) -> EventDeliveries:
    """Delivers events to durable handlers at once, without a worker."""
    from meishi.testing.events import EventDeliveries

    deliveries = EventDeliveries(host)
    deliveries.register()
    return deliveries


@pytest.fixture
def run_jobs(host: Host, deliver_events: EventDeliveries) -> JobRuns:
    """Runs the jobs that were asked for, or that a schedule asks for, without a worker."""
    from meishi.testing.jobs import JobRuns

    return JobRuns(host, deliver_events)


@pytest.fixture
def scenario(
    host: Host, deliver_events: EventDeliveries, workspace: WorkspaceUnderTest
) -> Scenario:
    """Tells a test as a story: when this is published, eventually that is so."""
    from meishi.testing.events import Scenario

    return Scenario(host, deliver_events, workspace.id)


def found_workspace(host: Host, slug: str) -> WorkspaceUnderTest:
    """Create a workspace with its owner and a token."""
    from dataclasses import replace

    from meishi.context import substitute_scope
    from meishi.core.identity.contract import Tokens, Workspaces

    workspace_id = host.new_id()
    # In silence: tests begin with an empty log.
    with (
        host.scope(workspace=workspace_id) as scope,
        substitute_scope(replace(scope, silent=True)),
    ):
        owner = host.calls.get(Workspaces).found(
            slug=slug, name=slug, owner_email=f"owner@{slug}.example", owner_name="Owner"
        )
        token = host.calls.get(Tokens).issue(user_id=owner.id, name="test")
    return WorkspaceUnderTest(host, workspace_id, owner.id, token.secret)
