"""An application with a athenaeum and a critic, on a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk.context import service
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

from .shelves import CRITIC, LIBRARY, write_packages

BOOKS = "/api/v1/athenaeum/books"


@dataclass(frozen=True, slots=True)
class Reading:
    """The application, a workspace in it, and the administrator's view of its database."""

    app: Flask
    host: Host
    admin: psycopg.Connection[Any]
    workspace: WorkspaceUnderTest

    def ask(self, path: str = "", **headers: str) -> TestResponse:
        """Ask for books."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = self.workspace.headers | given
        return self.app.test_client().get(f"{BOOKS}{path}", headers=sent)

    def get(self, path: str = "", **headers: str) -> dict[str, Any]:
        """Return what is there."""
        answer = self.ask(path, **headers)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def post(self, document: object, path: str = "") -> TestResponse:
        """Send something new."""
        url = f"{BOOKS}{path}"
        return self.app.test_client().post(url, json=document, headers=self.workspace.headers)

    def book(self, title: str = "Middlemarch", *reviews: str) -> UUID:
        """Add a book with reviews; return its id."""
        found = (self.post({"title": title}).json or {})["id"]
        for text in reviews:
            self.review(UUID(found), text)
        return UUID(found)

    def review(self, book: UUID, text: str, workspace: UUID | None = None) -> None:
        """Add a review of a book."""
        self.admin.execute(
            "INSERT INTO critic.review (workspace_id, id, book_id, text)"
            " VALUES (%s, uuidv7(), %s, %s)",
            [workspace or self.workspace.id, book, text],
        )

    def reviews(self) -> dict[UUID, list[str]]:
        """Return the reviews in the workspace by book."""
        query = """
            SELECT book_id, array_agg(text ORDER BY text) FROM critic.review
            WHERE workspace_id = %s GROUP BY book_id
        """
        return dict(self.admin.execute(query, [self.workspace.id]).fetchall())

    def publish(self, *events: Any) -> None:
        """Let the athenaeum publish events in one transaction."""
        with self.host.scope(workspace=self.workspace.id, plugin=LIBRARY):
            self.host.publish(events)

    def bearer(self, *scopes: str) -> str:
        """Return the header of a token that may do no more than this."""
        with self.workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=self.workspace.owner_id, name="few", scopes=frozenset(scopes)
            )
        return f"Bearer {token.secret}"


@pytest.fixture(scope="package")
def reading_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, whose packages are there meanwhile; each test gives it a database."""
    settings = replace(meishi_settings, deployment="reading", plugins=(LIBRARY, CRITIC))
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write_packages) as application:
        yield application


@pytest.fixture
def reading(reading_application: TestApplication) -> Iterator[Reading]:
    """The application on a database of its own."""
    host = reading_application.host
    with (
        reading_application.lent() as location,
        psycopg.connect(location.administrator_url(), autocommit=True) as admin,
    ):
        yield Reading(reading_application.app, host, admin, found_workspace(host, "one"))


@pytest.fixture
def deliver(reading: Reading) -> EventDeliveries:
    """Delivers events at once; subscriptions begin with the test."""
    deliveries = EventDeliveries(reading.host)
    deliveries.register()
    return deliveries
