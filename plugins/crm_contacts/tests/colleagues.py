"""Several people of one workspace, each with a token of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Members
from meishi.sdk.context import service
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.members import join
from meishi.testing.types import Host, Location

from .conftest import CONTACTS, ContactsClient


@dataclass(frozen=True)
class Colleague:
    """Somebody in the workspace, and the contacts as they see them."""

    user_id: str
    workspace: WorkspaceUnderTest
    contacts: ContactsClient

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request below the address of contacts."""
        headers = self.workspace.headers | request.pop("headers", {})
        return self.contacts.client.open(
            f"{CONTACTS}{path}", method=method, headers=headers, **request
        )

    def json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send a request that should succeed, and return what was answered."""
        answer = self.send(method, path, **request)
        assert answer.status_code < 300, answer.text
        return dict(answer.json or {})

    def names(self, **query: Any) -> list[str]:
        """Return the names of the contacts that a list shows them."""
        answer = self.send("GET", "", query_string=query)
        assert answer.status_code == 200, answer.text
        return [item["name"]["full"] for item in (answer.json or {})["items"]]

    def share(self, contact_id: str, status: int = 200, **sharing: Any) -> dict[str, Any]:
        """Decide whose a contact is, and return what was answered."""
        document = {"owner_id": self.user_id, "visibility": "private"} | sharing
        headers = {"If-Match": "*"}
        answer = self.send("PUT", f"/{contact_id}/sharing", json=document, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json or {})

    def sharing(self, contact_id: str) -> dict[str, Any]:
        """Return whose a contact is."""
        answer = self.send("GET", f"/{contact_id}/sharing")
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def leave(self) -> None:
        """Be a member no more."""
        with self.workspace.acting_as("identity"):
            service(Members).remove(UUID(self.user_id))


class Colleagues:
    """The people of a workspace."""

    def __init__(
        self,
        client: FlaskClient,
        workspace: WorkspaceUnderTest,
        host: Host,
        database: Location,
        *services: Host,
    ) -> None:
        self._client, self._workspace, self._host = client, workspace, host
        self._database, self._services = database, services

    def add(
        self, name: str, role: str = "member", scopes: frozenset[str] | None = None
    ) -> Colleague:
        """Make somebody a member, with a token that may do so much."""
        theirs = join(self._workspace, self._database, name, role, scopes)
        return Colleague(
            str(theirs.owner_id), theirs, ContactsClient(self._client, theirs, *self._services)
        )

    def browser(self, who: Colleague, app: Flask) -> Browser:
        """Return a browser in which somebody is signed in."""
        browser = Browser(app.test_client())
        browser.sign_in(self._host, UUID(who.user_id))
        return browser
