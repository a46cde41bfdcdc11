"""Referral programmes of a workspace, and people who follow links and sign up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import UserSignedUp
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Host, Location

Json = dict[str, Any]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
PROMISE: Json = {
    "name": "Friends",
    "starts_at": "2026-01-01T00:00:00Z",
    "referrer_reward": 500,
    "referee_reward": 300,
}


@dataclass
class Viral:
    """The web API of one workspace."""

    client: FlaskClient
    headers: dict[str, str]

    def send(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """Send a request to an address below the plugin's, and return the document."""
        headers = self.headers | options.pop("headers", {})
        answer = self.client.open(
            f"/api/v1/viral/{path}", method=method, headers=headers, **options
        )
        assert answer.status_code == status, answer.text
        return answer.json

    def get(self, path: str, status: int = 200) -> Any:
        """Return what is at an address."""
        return self.send("GET", path, status)

    def programme(self, **promise: Any) -> Json:
        """Begin a programme."""
        found: Json = self.send("POST", "programmes", 201, json=PROMISE | promise)
        return found

    def link(self, programme: Json) -> Json:
        """Take part with a new link."""
        found: Json = self.send("POST", "links", 201, json={"programme_id": programme["id"]})
        return found

    def items(self, collection: str) -> list[Json]:
        """Return what a list holds."""
        found: list[Json] = self.get(collection)["items"]
        return found


@dataclass
class Strangers:
    """People who follow links, each in a browser of their own, and then sign up."""

    host: Host
    app: Flask
    deliver: EventDeliveries

    def follow(self, link: Json, client: FlaskClient | None = None, query: str = "") -> str:
        """Follow a link as a browser does; return the referral that the sign-up gets."""
        answer = self.visit(link["code"], client, query)
        assert answer.status_code == 302
        found = re.fullmatch(r"/sign-up\?ref=(.+)", answer.location)
        assert found
        return found[1]

    def visit(
        self, code: str, client: FlaskClient | None = None, query: str = "", **options: Any
    ) -> TestResponse:
        """Open the address of a link."""
        browser = client or self.app.test_client()
        return browser.open(f"/J/{code}{query}", headers={"User-Agent": BROWSER}, **options)

    def sign_up(self, *referrals: str | None, user_ids: tuple[UUID, ...] = ()) -> tuple[UUID, ...]:
        """Let accounts come into being at once, and everybody hear of them."""
        users = user_ids or tuple(self.host.new_id() for _ in referrals)
        with self.host.scope(plugin="identity"):
            self.host.publish(
                [
                    UserSignedUp(user_id=user, referral=referral)
                    for user, referral in zip(users, referrals, strict=True)
                ]
            )
        self.deliver()
        return users


@pytest.fixture
def viral(client: FlaskClient, workspace: WorkspaceUnderTest) -> Viral:
    """The viral engine of the workspace."""
    return Viral(client, workspace.headers)


@pytest.fixture
def strangers(host: Host, app: Flask, deliver_events: EventDeliveries) -> Strangers:
    """People who have no account yet."""
    return Strangers(host, app, deliver_events)


Run = Callable[..., list[Any]]


def runs_on(database: Location) -> Run:
    """Return what runs a statement there as an administrator, past row security."""

    def execute(statement: str, *values: object) -> list[Any]:
        with psycopg.connect(database.administrator_url()) as admin:
            cursor = admin.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture
def run(plugin_database: Location) -> Run:
    """Runs a statement where the plugin has its tables."""
    return runs_on(plugin_database)


@pytest.fixture
def run_at_main(database: Location) -> Run:
    """Runs a statement where accounts are."""
    return runs_on(database)


def moment(text: str) -> datetime:
    """Return a moment of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
