"""The contact service over HTTP, in the words of its tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import ContactImport, Imports, ImportState
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host, Location

CONTACTS = "/api/v1/contacts"
IMPORTS = f"{CONTACTS}/imports"
OPERATIONS = "/api/v1/operations"


def own(contact: dict[str, Any]) -> dict[str, Any]:
    """Return a contact without what other plugins know about it."""
    return {name: value for name, value in contact.items() if name != "extensions"}


class ContactsClient:
    """The web API of one workspace; what should succeed is seen to succeed."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest, *services: Host) -> None:
        self.client = client
        self.headers = workspace.headers
        self._services = services
        self._deliver = EventDeliveries(workspace.host, *services)
        self.run_jobs = JobRuns(workspace.host, self._deliver, *services)

    def of(self, workspace: WorkspaceUnderTest, client: FlaskClient | None = None) -> Self:
        """Return the web API of a workspace, by another client if one is given."""
        return type(self)(client or self.client, workspace, *self._services)

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

    def set_region(self, region: str | None) -> None:
        """Set where the workspace's phone numbers without a country code are."""
        answer = self.client.patch(
            "/api/v1/settings/crm_contacts",
            json={"values": {"default_region": region}},
            headers=self.headers | {"If-Match": "*"},
            content_type="application/merge-patch+json",
        )
        assert answer.status_code == 200, answer.text

    def get(self, contact_id: str) -> dict[str, Any]:
        """Return one contact."""
        answer = self.client.get(f"{CONTACTS}/{contact_id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return _object(answer.json)

    def patch(self, document: dict[str, Any], changes: dict[str, Any]) -> None:
        """Change a contact, whatever version it has."""
        answer = self.client.patch(
            f"{CONTACTS}/{document['id']}",
            data=json.dumps(changes),
            headers=self.headers | {"Content-Type": MERGE_PATCH, "If-Match": "*"},
        )
        assert answer.status_code == 200, answer.text

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
        """Return every contact as its owner has it, in order of creation."""
        return [own(item) for item in self._pages()]

    def _pages(self) -> Iterator[dict[str, Any]]:
        page = self.page(limit=200)
        yield from page["items"]
        while page["next_after"]:
            page = self.page(limit=200, after=page["next_after"])
            yield from page["items"]

    def upload(self, content: bytes | str, media_type: str = "text/vcard") -> dict[str, Any]:
        """Import an address book and return the result, of which the arithmetic must be right."""
        result = self.run(self.send(content, media_type)["id"])
        assert (result["state"], result["progress"]) == ("completed", 1)
        counts = result["counts"]
        results = list(self.rows(result["id"]))
        assert len(results) == counts["rows"]
        assert counts["updated"] + counts["unchanged"] == counts["duplicates"]
        assert counts["created"] + counts["duplicates"] + counts["rejected"] == counts["rows"]
        return result | {"results": results}

    def send(self, content: bytes | str, media_type: str = "text/vcard") -> dict[str, Any]:
        """Upload an address book and return the import, which has not begun."""
        body = content.encode() if isinstance(content, str) else content
        answer = self.client.post(IMPORTS, data=body, content_type=media_type, headers=self.headers)
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"].endswith(f"{IMPORTS}/{_object(answer.json)['id']}")
        return _object(answer.json)

    def run(self, import_id: str) -> dict[str, Any]:
        """Have an import done, and return it."""
        operation = self.start(import_id)
        self.run_jobs()
        assert self.operation(operation["id"])["state"] == "succeeded"
        return self.get_import(import_id)

    def register(self) -> None:
        """Let what is published from now on be delivered."""
        self._deliver.register()

    def start(self, import_id: str) -> dict[str, Any]:
        """Ask for the work of an import, and return the operation."""
        self._deliver.register()
        answer = self.client.post(f"{IMPORTS}/{import_id}/run", headers=self.headers)
        assert answer.status_code == 202, answer.text
        found = _object(answer.json)
        assert answer.headers["Location"] == f"{OPERATIONS}/{found['id']}"
        return found

    def operation(self, operation_id: str) -> dict[str, Any]:
        """Return an operation."""
        answer = self.client.get(f"{OPERATIONS}/{operation_id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return _object(answer.json)

    def get_import(self, import_id: str) -> dict[str, Any]:
        """Return an import."""
        answer = self.client.get(f"{IMPORTS}/{import_id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return _object(answer.json)

    def rows(self, import_id: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all rows of an import, page by page."""
        after: int | None = -1
        while after is not None:
            asked = {"limit": 200} | query | ({"after": after} if after >= 0 else {})
            answer = self.client.get(
                f"{IMPORTS}/{import_id}/rows", query_string=asked, headers=self.headers
            )
            assert answer.status_code == 200, answer.text
            page = _object(answer.json)
            yield from page["items"]
            after = page["next_after"]

    def rejects(self, import_id: str) -> bytes:
        """Return the file of an import's rejected rows."""
        path = f"{IMPORTS}/{import_id}/rejects"
        answer = self.client.get(path, headers=self.headers)
        content: bytes = answer.data
        answer.close()
        assert answer.status_code == 200, content
        return content


class ContactsPart:
    """A part of the web API of one workspace; what is sent may be refused."""

    def __init__(self, contacts: ContactsClient) -> None:
        self.contacts = contacts

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request below the address of contacts."""
        headers = self.contacts.headers | request.pop("headers", {})
        return self.contacts.client.open(
            f"{CONTACTS}{path}", method=method, headers=headers, **request
        )


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
                " WHERE source = 'crm_contacts' AND type LIKE 'contact.%' ORDER BY pos"
            ).fetchall()


@pytest.fixture
def contacts(
    client: FlaskClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> ContactsClient:
    """The contact service of the workspace."""
    services = [] if plugin_host is workspace.host else [plugin_host]
    return ContactsClient(client, workspace, *services)


@pytest.fixture
def environment(
    plugin_database: Location, plugin_host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Settings that lead commands to this test's database, from another working directory.

    Commands of a service are run where it is.
    """
    settings = plugin_host.settings
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEISHI_DATABASE_URL", plugin_database.runtime_url)
    monkeypatch.setenv("MEISHI_DEPLOYMENT", settings.deployment)
    monkeypatch.setenv("MEISHI_HOME", str(tmp_path))
    if settings.main_url is not None:
        monkeypatch.setenv("MEISHI_CALLS", settings.calls.value)
        monkeypatch.setenv("MEISHI_ONLY", ",".join(settings.only))
        monkeypatch.setenv("MEISHI_MAIN_URL", settings.main_url)
        monkeypatch.setenv("MEISHI_SERVICE_TOKENS", ",".join(settings.service_tokens))


@pytest.fixture
def one_chunk_a_step(plugin_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of imports have no time for a second chunk."""
    settings = plugin_host.plugins.contributions["crm_contacts"].settings
    monkeypatch.setitem(settings, "import_step_seconds", 0)


@pytest.fixture
def event_log(plugin_database: Location) -> EventLog:
    """The event log."""
    return EventLog(plugin_database)


def run_to_its_end(workspace: WorkspaceUnderTest, import_id: str) -> ContactImport:
    """Work on an import step by step, as a worker does, and return it when it is completed."""
    while True:
        with workspace.acting_as("crm_contacts"):
            found = service(Imports).run(UUID(import_id), seconds=0)
        if found.state is ImportState.COMPLETED:
            return found


def vcard(*lines: str) -> str:
    """Write a card."""
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


def _object(document: Any) -> dict[str, Any]:
    assert isinstance(document, dict)
    return document
