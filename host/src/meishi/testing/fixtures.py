"""The pytest plugin: an application on a database of its own, a workspace, a client.

Imports wait for the first use, so that loading the plugin costs a run without it nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from meishi.testing.modes import environment_of_settings, is_split, plugin_under_test

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
    from meishi.testing.split import Split, Splits

pytest_plugins = ["meishi.testing.modes"]


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


@pytest.fixture(autouse=True)
def _beside(request: pytest.FixtureRequest) -> None:
    """Skip a test about other plugins where one of them does not run."""
    marker = request.node.get_closest_marker("beside")
    if marker is None:
        return
    host: Host = request.getfixturevalue("host")
    missing = set(marker.args).difference(item.plugin for item in host.plugins.active())
    if missing:
        pytest.skip(f"without {', '.join(sorted(missing))}")


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
    settings = load_settings(environment=environment_of_settings(), overrides=overrides)
    return replace(settings, plugin_settings={"identity": cheap})


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
def meishi_app_settings(meishi_settings: Settings) -> Settings:
    """Settings of the application, whose plugins are those that the databases are made for."""
    return meishi_settings


@pytest.fixture(scope="session")
def meishi_app(meishi_databases: TestDatabases, meishi_app_settings: Settings) -> Flask:
    """The application object in one piece; each test gives it a database."""
    from meishi.testing.applications import application_with

    return application_with(meishi_app_settings, meishi_databases)


@pytest.fixture(scope="session")
def meishi_splits(meishi_server: EmbeddedPostgres) -> Iterator[Splits]:
    """Applications with the plugin under test as a service, in the call mode `split`."""
    from meishi.testing.faults import Faults
    from meishi.testing.split import Splits

    splits = Splits(meishi_server, Faults.of(os.environ))
    yield splits
    splits.close()


@pytest.fixture
def meishi_split(request: pytest.FixtureRequest, meishi_app_settings: Settings) -> Split | None:
    """A test's application in two; None where it is in one piece."""
    plugin = plugin_under_test(request.path) if is_split() else None
    if plugin is None:
        return None
    splits: Splits = request.getfixturevalue("meishi_splits")
    return splits.of(meishi_app_settings, plugin)


@pytest.fixture
def database(meishi_databases: TestDatabases, meishi_split: Split | None) -> Iterator[Location]:
    """A migrated database of its own for this test; that of the main deployment, if it is split."""
    databases = meishi_databases if meishi_split is None else meishi_split.main.databases
    with databases.clone() as location:
        yield location


@pytest.fixture
def plugin_database(database: Location, meishi_split: Split | None) -> Iterator[Location]:
    """The database in which the plugin under test has its tables: its service's, if it is one."""
    if meishi_split is None:
        yield database
        return
    with meishi_split.service.databases.clone() as location:
        yield location


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    meishi_split: Split | None,
    database: Location,
    plugin_database: Location,
) -> Iterator[Flask]:
    """The application on this test's database."""
    if meishi_split is not None:
        with meishi_split.lent(database, plugin_database):
            yield meishi_split.main.app
        return
    meishi_app: Flask = request.getfixturevalue("meishi_app")
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
def plugin_host(host: Host, meishi_split: Split | None) -> Host:
    """The host in which the plugin under test runs: its service's, if it is one."""
    return host if meishi_split is None else meishi_split.service.host


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
def published_events(host: Host, plugin_host: Host) -> PublishedEvents:
    """Tells which events were published in this test's database."""
    from meishi.testing.events import PublishedEvents

    return PublishedEvents(*dict.fromkeys((host, plugin_host)))


@pytest.fixture
def deliver_events(host: Host, plugin_host: Host) -> EventDeliveries:
    """Delivers events to durable handlers at once, without a worker."""
    from meishi.testing.events import EventDeliveries

    deliveries = EventDeliveries(*dict.fromkeys((host, plugin_host)))
    deliveries.register()
    return deliveries


@pytest.fixture
def run_jobs(host: Host, plugin_host: Host, deliver_events: EventDeliveries) -> JobRuns:
    """Runs the jobs that were asked for, or that a schedule asks for, without a worker."""
    from meishi.testing.jobs import JobRuns

    services = [] if plugin_host is host else [plugin_host]
    return JobRuns(host, deliver_events, *services)


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
