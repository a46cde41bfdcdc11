"""Contacts in the search over all modules."""

from __future__ import annotations

from typing import Any

from .conftest import ContactsClient


def found(contacts: ContactsClient, text: str, limit: int = 20) -> list[Any]:
    """Search everything; again where a busy machine was too slow for a module to be in time."""
    answers = (_answer(contacts, text, limit) for _ in range(20))
    items = next(answer["items"] for answer in answers if not answer["incomplete"])
    return [item for item in items if item["kind"] == "contacts"]


def _answer(contacts: ContactsClient, text: str, limit: int) -> dict[str, Any]:
    answer = contacts.client.get(
        "/api/v1/search", query_string={"q": text, "limit": limit}, headers=contacts.headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    document: dict[str, Any] = answer.json
    return document


def test_contacts_are_found_as_their_list_finds_them(contacts: ContactsClient) -> None:
    """By words and typing errors, the best first; the page of each is led to."""
    anna = contacts.create(
        {"name": {"full": "Anna Lindqvist"}, "organisation": "Ek AB", "title": "Architect"}
    )
    other = contacts.create(
        {"name": {"full": "Jo"}, "emails": [{"address": "jo@lindqvist.example"}]}
    )
    assert found(contacts, "ana lindqvist")[0] == {
        "plugin": "crm_contacts",
        "kind": "contacts",
        "id": anna["id"],
        "title": "Anna Lindqvist",
        "subtitle": "Architect, Ek AB",
        "path": f"/contacts/{anna['id']}",
    }
    hits = found(contacts, "lindqvist")
    assert {item["id"] for item in hits} == {anna["id"], other["id"]}
    assert {item["subtitle"] for item in hits} == {"Architect, Ek AB", "jo@lindqvist.example"}
    assert len(found(contacts, "lindqvist", limit=1)) == 1
    assert found(contacts, "nobody") == []
