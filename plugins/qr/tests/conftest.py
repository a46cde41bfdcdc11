"""The web API of the QR generator, and what it leaves in the event log."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

Json = dict[str, Any]
ANNA: Json = {
    "name": {"full": "Anna Žofie 山田", "given": "Anna", "family": "山田"},
    "organisation": "Lindqvist; Arkitekter",
    "title": "Architect",
    "phones": [{"number": "+44 20 7946 0018", "types": ["work"]}],
    "emails": [{"address": "anna@example.org", "primary": True}],
    "links": [{"url": "https://example.org/"}],
    "note": "not for others",
}


class QrClient:
    """The web API of one workspace."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def make(self, collection: str, document: Json, status: int = 201) -> Json:
        """Post a document to a collection and return the answer."""
        answer = self.client.post(f"/api/v1/{collection}", json=document, headers=self.headers)
        assert answer.status_code == status, answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def card(self, contact: Json | None = None, **options: Any) -> Json:
        """Make a contact and a card of it."""
        contact_id = self.make("contacts", contact or ANNA)["id"]
        return self.make("qr/cards", {"contact_id": contact_id, **options})

    def code(self, contact: Json | None = None, **options: str) -> Json:
        """Make a contact, a card of it and a code of that."""
        return self.make("qr/codes", {"card_id": self.card(contact)["id"], **options})

    def get(self, path: str, status: int = 200) -> Any:
        """Return what is at an address below the plugin's."""
        return self.send("GET", path, status)

    def change(self, path: str, document: Json, status: int = 200, *, match: str = "*") -> Any:
        """Send a merge patch to an address below the plugin's."""
        return self.send("PATCH", path, status, json=document, headers={"If-Match": match})

    def delete(self, path: str, status: int = 204, *, match: str = "*") -> Any:
        """Delete what is at an address below the plugin's."""
        return self.send("DELETE", path, status, headers={"If-Match": match})

    def send(self, method: str, path: str, status: int, **options: Any) -> Any:
        """Send a request to an address below the plugin's."""
        headers = self.headers | options.pop("headers", {})
        answer = self.client.open(f"/api/v1/qr/{path}", method=method, headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def qr(client: FlaskClient, workspace: WorkspaceUnderTest) -> QrClient:
    """The QR generator of the workspace."""
    return QrClient(client, workspace.headers)


class VisitLog:
    """The visits in the event log."""

    def __init__(self, database: Location) -> None:
        self._url = database.administrator_url()

    def all(self) -> list[tuple[str, Json]]:
        """Return type and payload of each visit, in their order."""
        with psycopg.connect(self._url) as admin:
            rows = admin.execute(
                "SELECT type, data FROM meishi_events.event WHERE source = 'qr' ORDER BY pos"
            )
            return [(str(row[0]), dict(row[1])) for row in rows.fetchall()]


@pytest.fixture
def visits(plugin_database: Location) -> VisitLog:
    """The visits that were published in this test's database."""
    return VisitLog(plugin_database)
