"""Merging contacts by hand: what the one that stays knows, and what leads to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import Contacts, ContactsMerged, ContactUpdated, SourceCard
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

CONTACTS = "/api/v1/contacts"


class Book:
    """The contacts of one workspace over HTTP."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self._client = client
        self._headers = workspace.headers

    def add(self, full: str, **fields: Any) -> str:
        """Create a contact; return its id."""
        document = {"name": {"full": full}, **fields}
        answer = self._client.post(CONTACTS, json=document, headers=self._headers)
        assert answer.status_code == 201, answer.text
        return str((answer.json or {})["id"])

    def merge(self, target: str, *sources: str) -> TestResponse:
        """Merge contacts into one."""
        return self._client.post(
            f"{CONTACTS}/{target}/merge", json={"merged_ids": sources}, headers=self._headers
        )

    def get(self, contact: str) -> TestResponse:
        """Read a contact."""
        return self._client.get(f"{CONTACTS}/{contact}", headers=self._headers)

    def restore(self, contact: str) -> TestResponse:
        """Bring a contact back."""
        return self._client.post(f"{CONTACTS}/{contact}/restore", headers=self._headers)


@pytest.fixture
def book(client: FlaskClient, workspace: WorkspaceUnderTest) -> Book:
    """The contacts of the workspace under test."""
    return Book(client, workspace)


def test_the_one_that_stays_knows_what_all_said(
    book: Book, published_events: PublishedEvents
) -> None:
    """Its own values come first; the others are deleted, and one event says so."""
    target = book.add("Anna Ek", uid=None, emails=[{"address": "anna@example.org"}])
    first = book.add("Anna Ek", uid="urn:x", title="Architect")
    second = book.add("Anna Ek", title="Chef", emails=[{"address": "ek@example.org"}])
    answer = book.merge(target, first, second)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["id"] == target
    assert (answer.json["title"], answer.json["uid"]) == ("Architect", "urn:x")
    assert [item["address"] for item in answer.json["emails"]] == [
        "anna@example.org",
        "ek@example.org",
    ]
    assert [(item["name"], item["value"]) for item in answer.json["raw"]] == [("TITLE", "Chef")]
    assert [book.get(found).status_code for found in (target, first, second)] == [200, 301, 301]
    merged, updated = published_events(ContactsMerged, ContactUpdated)
    assert merged == ContactsMerged(contact_id=UUID(target), merged_ids=(UUID(first), UUID(second)))
    assert isinstance(updated, ContactUpdated)
    assert set(updated.fields) == {"uid", "title", "emails", "raw"}


def test_what_was_merged_before_leads_to_the_last_one(
    book: Book, published_events: PublishedEvents
) -> None:
    """The event of the second merge names the contact of the first, too."""
    first, second, third = (book.add("Anna Ek") for _ in range(3))
    book.merge(second, first)
    book.merge(third, second)
    last = published_events(ContactsMerged)[-1]
    assert last == ContactsMerged(contact_id=UUID(third), merged_ids=(UUID(second), UUID(first)))


def test_a_contact_that_is_restored_leads_nowhere(
    book: Book, published_events: PublishedEvents
) -> None:
    """It stands by itself again, and no later merge of the other speaks of it."""
    first, second, third = (book.add("Anna Ek") for _ in range(3))
    book.merge(second, first)
    assert book.restore(first).status_code == 200
    book.merge(third, second)
    last = published_events(ContactsMerged)[-1]
    assert last == ContactsMerged(contact_id=UUID(third), merged_ids=(UUID(second),))


def test_a_copy_of_what_was_merged_is_known(book: Book, workspace: WorkspaceUnderTest) -> None:
    """A card with the content of a merged contact comes in as one of the contact that stays."""
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Maria Ek\r\nTITLE:Chef\r\nEND:VCARD\r\n"
    with workspace.acting_as("crm_contacts"):
        (created,) = service(Contacts).import_cards((SourceCard(index=0, line=1, content=card),))
    target = book.add("Anna Ek")
    assert book.merge(target, str(created.contact_id)).status_code == 200
    with workspace.acting_as("crm_contacts"):
        (again,) = service(Contacts).import_cards((SourceCard(index=0, line=1, content=card),))
    assert str(again.contact_id) == target


def test_what_cannot_be_merged_is_refused(book: Book, published_events: PublishedEvents) -> None:
    """A contact with itself, with one that is not there, or with nothing; all stays as it was."""
    target, other = book.add("Anna Ek"), book.add("Bo Ek")
    gone = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
    assert book.merge(target, other, target).status_code == 422
    assert book.merge(target).status_code == 422
    assert book.merge(target, other, gone).status_code == 404
    assert book.merge(gone, target).status_code == 404
    assert book.get(other).status_code == 200
    assert published_events(ContactsMerged) == []
