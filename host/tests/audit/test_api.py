"""Reading the audit over HTTP: lists, filters, pages and the export, for those who may."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from meishi.sdk import audit as sdk_audit
from meishi.sdk.audit import Resource
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Audit, IssueToken

AUDIT = "/api/v1/audit"
ENTRIES = f"{AUDIT}/entries"
NAMES = ("first", "second", "third")


class Reader:
    """The audit of a workspace, as its owner reads it."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def get(self, path: str = ENTRIES, /, *, status: int = 200, **query: Any) -> Any:
        """Return what is at an address."""
        answer = self._client.get(path, query_string=query, headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def actions(self, **query: Any) -> list[str]:
        """Return the actions in a list."""
        return [item["action"].partition(".")[2] for item in self.get(ENTRIES, **query)["items"]]

    def export(self, **query: str) -> list[Any]:
        """Return the documents of an export."""
        path = f"{AUDIT}/export"
        with self._client.get(path, query_string=query, headers=self._headers) as answer:
            assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
            return [json.loads(line) for line in answer.data.splitlines()]


@pytest.fixture
def reader(client: FlaskClient, workspace: WorkspaceUnderTest) -> Reader:
    """Three entries of the workspace, and their reader."""
    for place, name in enumerate(NAMES):
        with workspace.acting_as("qr" if place else "crm_contacts"):
            sdk_audit.note(name, resource=Resource(type="cards", id=f"c-{place}"))
    return Reader(client, workspace.headers)


def test_entries_are_listed_the_newest_first(reader: Reader) -> None:
    """Or the other way round; page by page, and counted."""
    assert reader.actions() == ["third", "second", "first"]
    assert reader.actions(sort="at") == [*NAMES]
    for sort in ("at", "-at"):
        walked: list[str] = []
        after: dict[str, Any] = {}
        while True:
            page = reader.get(sort=sort, limit="1", total="true", **after)
            walked += [item["id"] for item in page["items"]]
            assert page["total"] == 3
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
        assert walked == [item["id"] for item in reader.get(sort=sort)["items"]]


def test_filters_say_which_entries_are_meant(reader: Reader, workspace: WorkspaceUnderTest) -> None:
    """Each by itself, in the list and in the export alike."""
    second = reader.get()["items"][1]
    for name, value, expected in (
        ("action][eq", "qr.second", {"second"}),
        ("plugin][eq", "qr", {"second", "third"}),
        ("resource_type][eq", "cards", {*NAMES}),
        ("resource_id][eq", "c-0", {"first"}),
        ("outcome][eq", "done", {*NAMES}),
        ("outcome][eq", "denied", set()),
        ("user_id][eq", str(workspace.owner_id), set()),
        ("at][gte", second["at"], {"second", "third"}),
        ("at][lt", second["at"], {"first"}),
    ):
        query = {f"filter[{name}]": value}
        assert set(reader.actions(**query)) == expected, name
        exported = {item["action"].partition(".")[2] for item in reader.export(**query)}
        assert exported == expected, name


def test_the_export_has_all_documents_from_the_first_on(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are read in several parts; each as the list shows it."""
    from meishi.audit import reading

    monkeypatch.setattr(reading, "_MANY", 2)
    assert reader.export() == reader.get(sort="at")["items"]


def test_one_entry_is_read_by_its_id(reader: Reader) -> None:
    """As the list shows it; fields can be chosen."""
    entry = reader.get()["items"][0]
    path = f"{ENTRIES}/{entry['id']}"
    assert reader.get(path) == entry
    assert reader.get(path, fields="action") == {"id": entry["id"], "action": "qr.third"}
    missing = reader.get(f"{ENTRIES}/{uuid4()}", status=404)
    assert missing["type"] == "urn:meishi:problem:audit-entry-not-found"


def test_the_audit_of_others_is_not_there(
    client: FlaskClient, reader: Reader, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither in lists nor by its id."""
    entry = reader.get()["items"][0]
    stranger = Reader(client, other_workspace.headers)
    assert (stranger.get()["items"], stranger.export()) == ([], [])
    stranger.get(f"{ENTRIES}/{entry['id']}", status=404)


def test_who_may_not_read_the_audit_stands_in_it(
    client: FlaskClient, issue_token: IssueToken, audit: Audit
) -> None:
    """It needs a permission of its own, and cannot be changed at all."""
    headers = issue_token("contacts.read")
    for path in (ENTRIES, f"{ENTRIES}/{uuid4()}", f"{AUDIT}/export"):
        assert client.get(path, headers=headers).status_code == 403
        assert client.delete(path, headers=headers).status_code == 405
    assert {row.permission for row in audit.rows()} == {"audit.read"}
    assert len(audit.rows()) == 3
