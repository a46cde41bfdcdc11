"""A granary, in one piece with the host and as a service, on databases of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk.context import service
from meishi.settings import Settings
from meishi.switches.interface import PluginSwitches
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.browsing import Browser
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns
from meishi.testing.split import Split, Splits

from .granary import GRANARY, LINES, write_granary

#: For tests in which the granary ends the process that it runs in.
in_one_piece = pytest.mark.parametrize("granary", ["one piece"], indirect=True)


@dataclass(frozen=True, slots=True)
class Granary:
    """The application, a workspace in it, and the administrator's view of its database.

    What begins with `plugin` is of the side where the granary is.
    """

    host: Host
    client: FlaskClient
    admin: psycopg.Connection[Any]
    workspace: WorkspaceUnderTest
    plugin_host: Host
    plugin_admin: psycopg.Connection[Any]

    @property
    def services(self) -> list[Host]:
        """The hosts beside that of the main deployment."""
        return [] if self.plugin_host is self.host else [self.plugin_host]

    def ask(self, method: str, place: str = "", **request: Any) -> TestResponse:
        """Ask for imports over HTTP, as the owner unless headers say otherwise."""
        headers = request.pop("headers", self.workspace.headers)
        return self.client.open(
            f"/api/v1/imports{place}", method=method, headers=headers, **request
        )

    def upload(self, content: bytes, *, importer: str | None = "sacks", **request: Any) -> str:
        """Upload a file, and return the id of its import."""
        query = {} if importer is None else {"importer": importer}
        answer = self.ask("POST", data=content, content_type=LINES, query_string=query, **request)
        assert answer.status_code == 201, answer.text
        assert answer.json is not None
        return str(answer.json["id"])

    def start(self, import_id: str, what: str = "run", **body: Any) -> str:
        """Ask for a preview or a run, and return the id of the operation."""
        request = {"json": body} if what == "run" else {}
        answer = self.ask("POST", f"/{import_id}/{what}", **request)
        assert answer.status_code == 202, answer.text
        assert answer.json is not None
        return str(answer.json["id"])

    def shown(self, import_id: str) -> dict[str, Any]:
        """Return an import as the web API shows it."""
        answer = self.ask("GET", f"/{import_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def operation(self, operation_id: str) -> dict[str, Any]:
        """Return an operation as the web API shows it."""
        answer = self.client.get(
            f"/api/v1/operations/{operation_id}", headers=self.workspace.headers
        )
        found: dict[str, Any] = answer.get_json()
        return found

    def names(self) -> list[str]:
        """Return the names of the sacks, in the order in which they came in."""
        return [name for (name,) in self.sacks("name")]

    def sacks(self, columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the sacks, in the order in which they came in."""
        query = f"SELECT {columns} FROM granary.sack ORDER BY id"
        return self.plugin_admin.execute(query.encode()).fetchall()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the administrator of the main deployment sees."""
        return self.admin.execute(query.encode()).fetchall()

    def only(self, *scopes: str) -> dict[str, str]:
        """Return headers of somebody with few permissions."""
        with self.workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=self.workspace.owner_id, name="few", scopes=frozenset(scopes)
            )
        return {"Authorization": f"Bearer {token.secret}"}

    def switch(self, *, on: bool) -> None:
        """Switch the granary for the workspace."""
        with self.host.scope(workspace=self.workspace.id, plugin="meishi_plugins"):
            service(PluginSwitches).switch_here(GRANARY, on=on)
        self.host.switches.refresh()


@pytest.fixture(scope="package")
def granary_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, booted once; each test gives it a database."""
    settings = replace(meishi_settings, deployment="granary", plugins=(GRANARY, "mill"))
    folder = tmp_path_factory.mktemp("granary")
    with application_of_packages(meishi_server, settings, folder, write_granary) as application:
        yield application


@pytest.fixture(scope="package")
def granary_split(
    granary_application: TestApplication, meishi_splits: Splits, meishi_settings: Settings
) -> Split:
    """The same with the granary as a service."""
    settings = replace(meishi_settings, plugins=(GRANARY, "mill"), plugins_listed=True)
    return meishi_splits.of(settings, GRANARY)


@pytest.fixture(params=["one piece", "service"])
def granary(request: pytest.FixtureRequest) -> Iterator[Granary]:
    """The application on a database of its own, or both of them on theirs."""
    lent = lent_application if request.param == "one piece" else lent_split
    with lent(request) as made:
        yield made


@pytest.fixture
def granary_apart(request: pytest.FixtureRequest) -> Iterator[Granary]:
    """The granary as a service."""
    with lent_split(request) as made:
        yield made


@contextmanager
def lent_application(request: pytest.FixtureRequest) -> Iterator[Granary]:
    """Put the application on a database of its own until the block ends."""
    application: TestApplication = request.getfixturevalue("granary_application")
    host = application.host
    with (
        application.lent() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        workspace = found_workspace(host, "one")
        client = application.app.test_client()
        yield Granary(host, client, admin, workspace, host, admin)


@contextmanager
def lent_split(request: pytest.FixtureRequest) -> Iterator[Granary]:
    """Put both applications on databases of their own until the block ends."""
    split: Split = request.getfixturevalue("granary_split")
    with (
        split.main.databases.clone() as main,
        split.service.databases.clone() as service,
        split.lent(main, service),
        psycopg.connect(main.administrator_url(), autocommit=True) as here,
        psycopg.connect(service.administrator_url(), autocommit=True) as there,
    ):
        host = split.main.host
        workspace = found_workspace(host, "one")
        client = split.main.app.test_client()
        yield Granary(host, client, here, workspace, split.service.host, there)


@pytest.fixture
def run(granary: Granary) -> JobRuns:
    """Runs jobs at once."""
    return job_runs(granary)


@pytest.fixture
def run_apart(granary_apart: Granary) -> JobRuns:
    """Runs jobs at once, where the granary is a service."""
    return job_runs(granary_apart)


def job_runs(granary: Granary) -> JobRuns:
    """Return what runs jobs of all sides at once."""
    deliveries = EventDeliveries(granary.host, *granary.services)
    deliveries.register()
    return JobRuns(granary.host, deliveries, *granary.services)


@pytest.fixture
def signed_in(granary: Granary) -> Browser:
    """A browser in which the owner is signed in."""
    browser = Browser(granary.client.application.test_client())
    browser.sign_in(granary.host, granary.workspace.owner_id)
    return browser
