"""The contact service over HTTP, in the words of its tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

CONTACTS = "/api/v1/contacts"


class ContactsClient:
    """The web API of one workspace; what should succeed is seen to succeed."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self.client = client
        self.headers = workspace.headers

    def create(self, document: dict[str, Any]) -> dict[str, Any]:
        """Create a contact and return it."""
        answer = self.client.post(CONTACTS, json=document, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return _object(answer.json)

    def refused(self, document: Any, status: int = 422) -> dict[str, Any]:
        """Try to create a contact and return the problem."""
        answer = self.client.post(CONTACTS, json=document, headers=self.headers)
        assert answer.status_code == status, answer.text
        return _object(answer.json)

    def get(self, contact_id: str) -> dict[str, Any]:
        """Return one contact."""
        answer = self.client.get(f"{CONTACTS}/{contact_id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return _object(answer.json)

    def page(self, **query: Any) -> dict[str, Any]:
        """Return one page of contacts."""
        written = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in query.items()
        }
        answer = self.client.get(CONTACTS, query_string=written, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return _object(answer.json)

    def all(self) -> list[dict[str, Any]]:
        """Return every contact, in order of creation."""
        return list(self._pages())

    def _pages(self) -> Iterator[dict[str, Any]]:
        page = self.page(limit=200)
        yield from page["items"]
        while page["next_after"]:
            page = self.page(limit=200, after=page["next_after"])
            yield from page["items"]

    def upload(self, content: bytes | str) -> dict[str, Any]:
        """Import an address book and return the result, of which the arithmetic must be right."""
        body = content.encode() if isinstance(content, str) else content
        answer = self.client.post(
            f"{CONTACTS}/imports", data=body, content_type="text/vcard", headers=self.headers
        )
        assert answer.status_code == 201, answer.text
        result = _object(answer.json)
        assert len(result["results"]) == result["cards"]
        assert result["imported"] + result["rejected"] == result["cards"]
        return result


class EventLog:
    """The deployment's event log, as it was committed."""

    def __init__(self, database: Location) -> None:
        assert database.admin_url is not None
        self._url = database.admin_url

    def contact_events(self) -> list[tuple[str, str, list[str]]]:
        """Return type, contact and changed fields of every event, in the order of the log."""
        with psycopg.connect(self._url) as connection:
            return connection.execute(
                "SELECT type, subject, data -> 'fields' FROM meishi_events.event"
                " WHERE source = 'crm_contacts' ORDER BY pos"
            ).fetchall()


@pytest.fixture
def contacts(client: FlaskClient, workspace: WorkspaceUnderTest) -> ContactsClient:
    """The contact service of the workspace."""
    return ContactsClient(client, workspace)


@pytest.fixture
def event_log(database: Location) -> EventLog:
    """The event log."""
    return EventLog(database)


def vcard(*lines: str) -> str:
    """Write a card."""
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


def _object(document: Any) -> dict[str, Any]:
    assert isinstance(document, dict)
    return document
