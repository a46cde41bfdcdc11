"""Contacts over HTTP: creating, reading, listing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from crm_contacts.contract import ContactDocuments
from crm_contacts.schemas.contacts import ContactPageSchema, ContactSchema
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import CONTACTS, ContactsClient, EventLog, own

QUALIFIED: dict[str, Any] = {
    "types": [],
    "label": None,
    "primary": False,
    "verified": False,
    "parameters": {},
}
#: Every field, with what is hard to store: escapes, other scripts, blanks, line breaks.
FULL: dict[str, Any] = {
    "kind": "org",
    "uid": "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
    "name": {
        "full": "Žofie O'Neil \\ “山田” 😀",
        "given": "Žofie",
        "family": "O'Neil; Jr",
        "additional": "a,b",
        "prefix": "Dr.",
        "suffix": "M.D.",
    },
    "nicknames": ["Z,", "", " zo "],
    "organisation": "{curly} %s $$ 'Ltd'",
    "units": ["R&D", "Tür"],
    "title": "<b>Head</b>",
    "role": "null",
    "birthday": "--0404",
    "note": "one\r\n\ttwo\n",
    "emails": [
        {**QUALIFIED, "address": "Ada@Example.ORG", "types": ["work", "x-y"], "primary": True},
        {**QUALIFIED, "address": "no address", "label": "Old", "parameters": {"PREF": ["2"]}},
    ],
    "phones": [
        {**QUALIFIED, "number": "+44 (0)20 7946 0018", "parameters": {"X": ["a", "b"], "Y": []}}
    ],
    "links": [{**QUALIFIED, "url": "HTTPS://Example.org/Path?q=1"}],
    "addresses": [
        {
            **QUALIFIED,
            "po_box": "1",
            "extended": "2",
            "street": "Main\nStreet",
            "locality": "Köln",
            "region": "",
            "postal_code": "50667",
            "country": None,
        }
    ],
    "raw": [
        {"name": "X-ANY", "value": "a\\;b", "group": "item1", "parameters": {"TYPE": ["q"]}},
        {"name": "X-ANY", "value": "", "group": None, "parameters": {}},
    ],
}
NORMALISED = {"emails": "ada@example.org", "links": "https://example.org/Path?q=1"}


def without_service_fields(contact: dict[str, Any]) -> dict[str, Any]:
    """Return what a client sent of a contact that it got back."""
    document = {name: contact[name] for name in FULL}
    for name in ("emails", "phones", "addresses", "links"):
        document[name] = [
            {key: value for key, value in item.items() if key != "normalised"}
            for item in contact[name]
        ]
    return document


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what schemas take on the way out only."""
    lists = {
        name: [
            {key: value for key, value in item.items() if key != "normalised"}
            for item in document[name]
        ]
        for name in ("emails", "phones", "addresses", "links")
        if name in document
    }
    return document | lists


def test_every_field_comes_back_as_it_was_sent(contacts: ContactsClient) -> None:
    """What is stored is what was sent, to the last blank, now and on every later reading."""
    created = contacts.create(FULL)
    assert without_service_fields(created) == FULL
    assert contacts.get(created["id"]) == created
    assert contacts.page(total=True) == {"items": [created], "next_after": None, "total": 1}


def test_documents_are_what_the_openapi_document_says(contacts: ContactsClient) -> None:
    """PostgreSQL writes the documents, and the schemas that describe them know every member."""
    created = contacts.create(FULL)
    bare = contacts.create({"name": {"full": "Ada"}})
    page = contacts.page(limit=1, total=True)
    assert set(page) == set(ContactPageSchema().fields)
    for item in page["items"]:
        ContactSchema().load(shown(own(item)))
    for document in (own(created), own(bare)):
        assert set(document) == set(ContactSchema().fields)
        ContactSchema().load(shown(document))


def test_creation_says_where_the_contact_is_and_which_version(contacts: ContactsClient) -> None:
    """`Location` leads to the contact, and `ETag` is the one that a reading gives."""
    answer = contacts.client.post(CONTACTS, json=FULL, headers=contacts.headers)
    found = contacts.client.get(answer.headers["Location"], headers=contacts.headers)
    assert found.json == answer.json
    assert found.headers["ETag"] == answer.headers["ETag"]
    assert found.headers["ETag"].startswith('"1.')


def test_who_has_the_contact_gets_it_not_again(contacts: ContactsClient) -> None:
    """A reading with the entity tag in `If-None-Match` is 304, without a body."""
    created = contacts.create(FULL)
    path = f"{CONTACTS}/{created['id']}"
    tag = contacts.client.get(path, headers=contacts.headers).headers["ETag"]
    headers = contacts.headers | {"If-None-Match": tag}
    answer = contacts.client.get(path, headers=headers)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_values_get_a_normalised_form_beside_them(contacts: ContactsClient) -> None:
    """Emails, phones and links can be looked up exactly, however they were written."""
    created = contacts.create(FULL | {"phones": [{"number": "+44 20 7946 0018"}]})
    assert created["phones"][0]["normalised"] == "+442079460018"
    for name, form in NORMALISED.items():
        assert created[name][0]["normalised"] == form


def test_contact_needs_no_more_than_a_name(contacts: ContactsClient, event_log: EventLog) -> None:
    """Everything else has an empty default; the creation is one event with the filled fields."""
    created = contacts.create({"name": {"full": "Ada"}})
    assert (created["kind"], created["version"]) == ("individual", 1)
    assert created["created_at"] == created["updated_at"]
    assert created["emails"] == created["nicknames"] == created["raw"] == []
    assert event_log.contact_events() == [("contact.created.v1", created["id"], ["name", "kind"])]


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"name": {}}, "/name/full", "required"),
    ({"name": {"full": " \t"}}, "/name/full", "required"),
    ({"name": None}, "/name", "invalid"),
    ({"name": "Ada"}, "/name", "invalid"),
    ({"name": {"full": 7}}, "/name/full", "invalid"),
    ({"colour": "red"}, "/colour", "unknown-field"),
    ({"emails": [{"address": "a", "colour": 1}]}, "/emails/0/colour", "unknown-field"),
    ({"emails": [{"address": "a", "normalised": "b"}]}, "/emails/0/normalised", "unknown-field"),
    ({"emails": [{"address": ""}]}, "/emails/0/address", "invalid"),
    ({"emails": {"address": "a"}}, "/emails", "invalid"),
    ({"emails": [{"address": "a", "primary": "yes"}]}, "/emails/0/primary", "invalid"),
    ({"phones": [{"number": "1", "verified": "yes"}]}, "/phones/0/verified", "invalid"),
    ({"links": [{"url": "a", "verified": None}]}, "/links/0/verified", "invalid"),
    ({"phones": [{}]}, "/phones/0/number", "required"),
    ({"phones": [{"number": "1", "parameters": {"X": "y"}}]}, "/phones/0/parameters/X", None),
    ({"phones": [{"number": "1", "parameters": []}]}, "/phones/0/parameters", "invalid"),
    ({"nicknames": ["a", None]}, "/nicknames/1", "invalid"),
    ({"kind": "alien"}, "/kind", "invalid"),
    ({"uid": ""}, "/uid", "invalid"),
    ({"uid": "u" * 501}, "/uid", "too-long"),
    ({"id": str(UUID(int=1))}, "/id", "unknown-field"),
    ({"title": "t" * 10_001}, "/title", "too-long"),
    ({"note": "n" * 200_001}, "/note", "too-long"),
    ({"addresses": [{"street": "s" * 10_001}]}, "/addresses/0/street", "too-long"),
    ({"phones": [{"number": "1"}] * 201}, "/phones", "too-many"),
    ({"raw": [{"name": "X", "value": ""}] * 2_001}, "/raw", "too-many"),
    ({"uid": " "}, "/uid", "required"),
    ({"emails": [{"address": " "}]}, "/emails/0/address", "required"),
    ({"phones": [{"number": "1"}, {"number": "\t"}]}, "/phones/1/number", "required"),
    ({"links": [{"url": "\n"}]}, "/links/0/url", "required"),
    ({"emails": [{"address": "a", "primary": True}] * 2}, "/emails", "too-many"),
    ({"addresses": [{"street": "a", "primary": True}] * 2}, "/addresses", "too-many"),
    ({"raw": [{"name": "X:1\r\nFN", "value": ""}]}, "/raw/0/name", "invalid"),
    ({"raw": [{"name": "X", "value": "a\nFN:b"}]}, "/raw/0/value", "line-break"),
    ({"raw": [{"name": "X", "value": "a\rFN:b"}]}, "/raw/0/value", "line-break"),
    ({"raw": [{"name": "X", "value": "", "group": "a\nb"}]}, "/raw/0/group", "invalid"),
    (
        {"raw": [{"name": "X", "value": "", "parameters": {"A:\n": []}}]},
        "/raw/0/parameters",
        "invalid",
    ),
    ({"phones": [{"number": "1", "parameters": {"": []}}]}, "/phones/0/parameters", "invalid"),
    ({"note": "a\0b"}, "/note", "invalid"),
    ({"raw": [{"name": "X", "value": "\0"}]}, "/raw/0/value", "invalid"),
]


def test_what_is_wrong_is_pointed_to(contacts: ContactsClient, subtests: pytest.Subtests) -> None:
    """A refused contact says which value is wrong, and nothing of it is stored."""
    for changed, pointer, code in WRONG:
        with subtests.test(changed=str(changed)[:60]):
            status = 400 if code == "unknown-field" else 422
            problem = contacts.refused({"name": {"full": "Ada"}, **changed}, status)
            found = {item["pointer"]: item["code"] for item in problem["errors"]}
            assert pointer in found
            assert code in {None, found[pointer]}
            assert contacts.page(total=True)["total"] == 0


def test_uid_is_unique_in_its_workspace(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """A second contact with a UID is a conflict; another workspace does not notice."""
    document = {"name": {"full": "Ada"}, "uid": "1"}
    contacts.create(document)
    assert contacts.refused(document, 409)["type"] == "urn:meishi:problem:contact-uid-taken"
    contacts.of(other_workspace).create(document)


def test_of_many_at_once_with_one_uid_one_is_created(
    app: Flask, workspace: WorkspaceUnderTest, contacts: ContactsClient
) -> None:
    """However many requests race, one gets 201 and all others 409."""

    def create(number: int) -> int:
        document = {"name": {"full": f"Ada {number}"}, "uid": "1"}
        answer = app.test_client().post(CONTACTS, json=document, headers=workspace.headers)
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(create, range(6)))
    assert statuses == [201] + [409] * 5
    assert contacts.page(total=True)["total"] == 1


def test_contact_of_another_workspace_does_not_exist(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Nobody learns whether an id exists elsewhere: it is 404 like any unknown one."""
    other = contacts.of(other_workspace)
    foreign = other.create({"name": {"full": "Secret"}})["id"]
    for contact_id in (foreign, str(UUID(int=0))):
        answer = contacts.client.get(f"{CONTACTS}/{contact_id}", headers=contacts.headers)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["type"] == "urn:meishi:problem:contact-not-found"
    assert contacts.page(total=True) == {"items": [], "next_after": None, "total": 0}


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_pages_hold_every_contact_once_in_order_of_creation(
    contacts: ContactsClient, limit: int
) -> None:
    """Following `next_after` visits each contact exactly once and ends with null."""
    created = [contacts.create({"name": {"full": f"Contact {n}"}})["id"] for n in range(7)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = contacts.page(limit=limit, **after)
        assert "total" not in page
        seen += [item["id"] for item in page["items"]]
        if page["next_after"] is None:
            break
        assert len(page["items"]) == limit
        after = {"after": page["next_after"]}
    assert seen == created


def test_list_goes_on_from_an_id_that_is_not_there(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """`after` is a place in the order, so its contact may be deleted, foreign or unknown."""
    first = contacts.create({"name": {"full": "First"}})["id"]
    other = contacts.of(other_workspace)
    foreign = other.create({"name": {"full": "Foreign"}})["id"]
    last = contacts.create({"name": {"full": "Last"}})["id"]

    def ids(after: UUID | str) -> list[str]:
        with workspace.acting_as("crm_contacts"):
            page = service(ContactDocuments).list(ListQuery(after=(str(after),)))
        return [json.loads(item)["id"] for item in page.items]

    assert ids(UUID(int=0)) == [first, last]
    assert ids(first) == ids(foreign) == ids(UUID(int=UUID(first).int + 1)) == [last]
    assert ids(UUID(int=2**128 - 1)) == []


MALFORMED = [
    ("limit=0", "/query/limit"),
    ("limit=201", "/query/limit"),
    ("limit=", "/query/limit"),
    ("after=here", "/query/after"),
    ("after=%00", "/query/after"),
    ("total=perhaps", "/query/total"),
    ("offset=3", "/query/offset"),
]


def test_query_that_is_not_understood_is_malformed(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """Parameters out of bounds or unknown are 400 and named."""
    for query, pointer in MALFORMED:
        with subtests.test(query=query):
            answer = contacts.client.get(f"{CONTACTS}?{query}", headers=contacts.headers)
            assert answer.status_code == 400
            assert answer.json is not None
            assert [item["pointer"] for item in answer.json["errors"]] == [pointer]
