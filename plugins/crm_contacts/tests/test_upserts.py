"""Contacts that another system keeps: one request changes who is there, or creates who is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    ContactChanges,
    ContactMatch,
    Contacts,
    Email,
    InvalidContact,
    NameChanges,
    SeveralContactsMatch,
)
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

from .beside import begun
from .colleagues import Colleague, Colleagues
from .conftest import CONTACTS, ContactsClient, EventLog
from .test_contacts_api import FULL

ANNA: dict[str, Any] = {
    "uid": "urn:x:1",
    "name": {"full": "Anna Lindqvist", "given": "Anna"},
    "title": "Architect",
    "emails": [{"address": "Anna@Lindqvist.example"}],
    "tags": ["Customer"],
}
#: The same person as another system knows her by now.
NOW: dict[str, Any] = {
    "uid": "urn:x:1",
    "name": {"full": "Anna Ek"},
    "title": None,
    "emails": [{"address": "anna@lindqvist.example"}, {"address": "anna@ek.example"}],
}

_SEEN: dict[str, Any] = {
    "name": {"full": "Bo"},
    "uid": "1",
    "emails": [{"address": "b@ek.example"}],
}
#: Who has jobs, said in both ways, in one of them, and in two that disagree.
_HELD: list[dict[str, Any]] = [
    {"organisation": "Ek AB", "title": "Chair", "current": True},
    {"organisation": "Lind AB", "start_date": "2019", "end_date": "2021-03"},
]
JOBS: list[dict[str, Any]] = [
    {**_SEEN, "positions": _HELD},
    {**_SEEN, "positions": _HELD, "organisation": None, "title": None},
    {**_SEEN, "positions": _HELD[1:], "organisation": "Ek AB", "title": "Chair"},
    {**_SEEN, "positions": _HELD, "organisation": "Ek AB", "title": "Owner", "units": ["A"]},
    {**_SEEN, "organisation": "Ek AB", "phones": [{"number": "070-123 45 67"}]},
    {**_SEEN, "tags": ["b", "A", "B"], "links": [{"url": "ek.example/x"}]},
]


def put(
    contacts: ContactsClient, document: dict[str, Any], match: str = "uid", **headers: str
) -> TestResponse:
    """Send a contact that may be there already."""
    sent = contacts.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return contacts.client.post(f"{CONTACTS}?match={match}", json=document, headers=sent)


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.json is not None
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def pointers(answer: TestResponse) -> list[tuple[str, str]]:
    """Return what values are wrong, and how."""
    assert answer.json is not None
    return [(item["pointer"], item["code"]) for item in answer.json["errors"]]


def emails(*addresses: str) -> list[dict[str, Any]]:
    """Return emails as a body has them."""
    return [{"address": address} for address in addresses]


@pytest.mark.parametrize("match", ContactMatch)
def test_who_is_not_there_is_created(
    contacts: ContactsClient, event_log: EventLog, match: ContactMatch
) -> None:
    """The answer is that of a creation, and so is what it leaves."""
    answer = put(contacts, FULL, match)
    assert answer.status_code == 201
    found = contacts.client.get(answer.headers["Location"], headers=contacts.headers)
    assert (found.json, found.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert [kind for kind, *_ in event_log.contact_events()] == ["contact.created.v1"]


@pytest.mark.parametrize("match", ContactMatch)
def test_who_is_there_is_changed_by_what_the_body_names(
    contacts: ContactsClient, event_log: EventLog, match: ContactMatch
) -> None:
    """What it does not name stays, also of the name; lists are replaced, null empties."""
    made = contacts.create(ANNA)
    answer = put(contacts, NOW, match)
    assert (answer.status_code, answer.json) == (200, contacts.get(made["id"]))
    changed = contacts.get(made["id"])
    assert answer.headers["Location"] == f"{CONTACTS}/{made['id']}"
    assert answer.headers["ETag"].startswith('"2.')
    assert (changed["name"]["full"], changed["name"]["given"]) == ("Anna Ek", "Anna")
    assert (changed["title"], changed["tags"]) == (None, ["Customer"])
    assert [item["address"] for item in changed["emails"]] == [
        "anna@lindqvist.example", "anna@ek.example"
    ]  # fmt: skip
    assert event_log.contact_events()[1:] == [
        ("contact.updated.v1", made["id"], ["name", "title", "emails"])
    ]


def test_changes_are_those_of_the_user(contacts: ContactsClient) -> None:
    """The history has one record for each of both, as for every request."""
    made = contacts.create(ANNA)
    put(contacts, NOW)
    answer = contacts.client.get(f"{CONTACTS}/{made['id']}/history", headers=contacts.headers)
    records = (answer.json or {})["items"]
    assert [(item["action"], item["source"], item["version"]) for item in records] == [
        ("updated", "user", 2),
        ("created", "user", 1),
    ]


@pytest.mark.parametrize("match", ContactMatch)
@pytest.mark.parametrize("document", [ANNA, NOW, FULL, *JOBS])
def test_the_same_again_changes_nothing(
    contacts: ContactsClient, event_log: EventLog, document: dict[str, Any], match: ContactMatch
) -> None:
    """Version and entity tag stay, and nobody is told anything."""
    first = put(contacts, document, match)
    again = put(contacts, document, match)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json, again.headers["ETag"]) == (first.json, first.headers["ETag"])
    assert len(event_log.contact_events()) == 1


@pytest.mark.parametrize("document", JOBS)
def test_what_is_named_is_as_it_is_named(
    contacts: ContactsClient, document: dict[str, Any]
) -> None:
    """A contact with another job says what the body does, and nothing changes the second time."""
    held = [{"organisation": "Ek AB", "current": True}, {"organisation": "Old AB"}]
    contacts.create({**_SEEN, "organisation": "Old AB", "title": "Cook", "positions": held})
    first = put(contacts, document).json or {}
    assert first["version"] == 2
    if "positions" in document:
        names = [(item["organisation"], item["current"]) for item in first["positions"]]
        assert names == [
            (item["organisation"], item.get("current", False)) for item in document["positions"]
        ]
    if document.get("organisation"):
        assert first["organisation"] == document["organisation"]
    assert put(contacts, document).json == first


def test_an_email_is_known_again_however_it_is_written(contacts: ContactsClient) -> None:
    """Case makes no difference; any email of the contact counts, of the body the primary one."""
    made = contacts.create({**ANNA, "emails": emails("x@y.example", "Anna@Lindqvist.example")})
    other = contacts.create({"name": {"full": "Bo"}, "emails": emails("bo@ek.example")})
    first = put(
        contacts, {"name": {"full": "A"}, "emails": emails("ANNA@LINDQVIST.example")}, "email"
    )
    assert (first.status_code, (first.json or {})["id"]) == (200, made["id"])
    both = [{"address": "new@x.example"}, {"address": "BO@ek.example", "primary": True}]
    second = put(contacts, {"name": {"full": "B"}, "emails": both}, "email")
    assert (second.status_code, (second.json or {})["id"]) == (200, other["id"])


@pytest.mark.parametrize(("number", "told"), [(2, 2), (12, 10)])
def test_an_email_of_several_contacts_is_no_identity(
    contacts: ContactsClient, event_log: EventLog, number: int, told: int
) -> None:
    """It is refused with ten of them at most, and nothing is changed."""
    box = {"emails": emails("info@lindqvist.example")}
    made = [contacts.create({"name": {"full": f"A {n}"}, **box}) for n in range(number)]
    answer = put(contacts, {"name": {"full": "A"}, **box}, "email")
    assert code(answer) == (409, "several-contacts-match")
    assert pointers(answer) == [("/emails/0/address", "several")] * told
    messages = [item["message"] for item in (answer.json or {})["errors"]]
    assert all(one["id"] in message for one, message in zip(made, messages, strict=False))
    assert len(event_log.contact_events()) == number


@pytest.mark.parametrize(
    ("match", "changed", "pointer"),
    [
        ("uid", {}, "/uid"),
        ("uid", {"uid": None}, "/uid"),
        ("uid", {"uid": " "}, "/uid"),
        ("email", {}, "/emails"),
        ("email", {"emails": []}, "/emails"),
        ("email", {"emails": emails(" ")}, "/emails/0/address"),
    ],
)
def test_what_is_to_match_must_be_said(
    contacts: ContactsClient, match: str, changed: dict[str, Any], pointer: str
) -> None:
    """A body without it is refused, and the problem points there."""
    answer = put(contacts, {"name": {"full": "Ada"}, **changed}, match)
    assert code(answer) == (422, "invalid-contact")
    assert pointers(answer) == [(pointer, "required")]
    assert contacts.all() == []


def test_only_two_things_match(contacts: ContactsClient) -> None:
    """Anything else is a malformed request."""
    answer = put(contacts, ANNA, "phone")
    assert code(answer) == (400, "invalid-request")
    assert pointers(answer)[0][0] == "/query/match"


def test_a_change_can_be_meant_for_one_version(contacts: ContactsClient) -> None:
    """`If-Match` counts for the contact that is changed; there has to be one then."""
    tag = put(contacts, ANNA).headers["ETag"]
    assert put(contacts, NOW, If_Match=tag).status_code == 200
    assert code(put(contacts, ANNA, If_Match=tag)) == (412, "version-mismatch")
    assert put(contacts, ANNA, If_Match="*").status_code == 200
    unknown = {**ANNA, "uid": "urn:x:2"}
    for header in ("*", tag):
        assert code(put(contacts, unknown, If_Match=header)) == (412, "version-mismatch")
    assert code(put(contacts, ANNA, If_Match="1")) == (400, "bad-request")
    assert len(contacts.all()) == 1


def test_who_was_deleted_matches_nothing(contacts: ContactsClient) -> None:
    """Neither UID nor email of a deleted contact count; another one is created."""
    made = contacts.create(ANNA)
    headers = contacts.headers | {"If-Match": "*"}
    assert contacts.client.delete(f"{CONTACTS}/{made['id']}", headers=headers).status_code == 204
    assert put(contacts, ANNA, "email").status_code == 201
    assert put(contacts, ANNA).status_code == 200


def test_values_are_judged_as_in_other_changes(contacts: ContactsClient) -> None:
    """What could not be stored is refused, and a UID that another contact has is taken."""
    contacts.create(ANNA)
    contacts.create({"name": {"full": "Bo"}, "uid": "urn:x:2", "emails": emails("b@x.example")})
    wrong = put(contacts, {**ANNA, "title": "t" * 10_001})
    assert (code(wrong), pointers(wrong)) == ((422, "invalid-contact"), [("/title", "too-long")])
    taken = {"name": {"full": "Bo"}, "uid": "urn:x:1"}
    for address in ("b@x.example", "c@x.example"):
        answer = put(contacts, {**taken, "emails": emails(address)}, "email")
        assert code(answer) == (409, "contact-uid-taken")
    assert contacts.get(contacts.all()[0]["id"])["name"]["full"] == "Anna Lindqvist"


def test_the_openapi_document_tells_all_of_it(contacts: ContactsClient) -> None:
    """Parameters in the query and in headers are named beside each other, and both answers."""
    document = contacts.client.get("/api/openapi.json", headers=contacts.headers).json or {}
    operation = document["paths"][CONTACTS]["post"]
    shared = document["components"]["parameters"]
    given = [
        shared[item["$ref"].rpartition("/")[2]] if "$ref" in item else item
        for item in operation["parameters"]
    ]
    named = {item["name"]: item["in"] for item in given}
    assert named == {"match": "query", "If-Match": "header", "Idempotency-Key": "header"}
    answers = [operation["responses"][status] for status in ("200", "201")]
    for answer in answers:
        assert {"ETag", "Location"} <= answer["headers"].keys()
    assert answers[0]["content"] == answers[1]["content"]


def test_sent_again_with_a_key_it_is_done_once(contacts: ContactsClient) -> None:
    """The answer is that of the first time; what matches is part of what the key is for."""
    first = put(contacts, ANNA, Idempotency_Key="k")
    again = put(contacts, ANNA, Idempotency_Key="k")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    answer = put(contacts, ANNA, "email", Idempotency_Key="k")
    assert code(answer) == (422, "idempotency-key-reused")


@pytest.fixture
def people(
    contacts: ContactsClient,
    workspace: WorkspaceUnderTest,
    host: Host,
    plugin_host: Host,
    database: Location,
) -> Colleagues:
    """The people of the workspace."""
    services = [] if plugin_host is host else [plugin_host]
    return Colleagues(contacts.client, workspace, host, database, *services)


@pytest.fixture
def alice(people: Colleagues) -> Colleague:
    """A member."""
    return people.add("Alice")


@pytest.fixture
def bob(people: Colleagues) -> Colleague:
    """Another member."""
    return people.add("Bob")


@pytest.mark.parametrize("match", ContactMatch)
def test_who_may_only_read_a_contact_changes_it_by_no_name(
    alice: Colleague, bob: Colleague, match: ContactMatch
) -> None:
    """It is found, and refused as a PATCH is."""
    made = alice.contacts.create(ANNA)
    alice.share(made["id"], shared_with=[{"user_id": bob.user_id, "access": "read"}])
    assert code(put(bob.contacts, NOW, match)) == (403, "contact-read-only")
    assert alice.contacts.get(made["id"])["name"]["full"] == "Anna Lindqvist"
    assert put(alice.contacts, NOW, match).status_code == 200


def test_a_private_contact_matches_nobody_elses_body(alice: Colleague, bob: Colleague) -> None:
    """A hidden email is no match; a hidden UID is taken, as it is for who creates a contact."""
    made = alice.contacts.create(ANNA)
    alice.share(made["id"])
    assert code(put(bob.contacts, NOW)) == (409, "contact-uid-taken")
    without = {name: value for name, value in NOW.items() if name != "uid"}
    created = put(bob.contacts, without, "email")
    assert created.status_code == 201
    assert (created.json or {})["id"] != made["id"]
    assert alice.contacts.get(made["id"])["name"]["full"] == "Anna Lindqvist"


def test_contacts_of_another_workspace_match_nothing(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """The same UID and email elsewhere are somebody else's."""
    made = contacts.of(other_workspace).create(ANNA)
    for match, expected in (("uid", 201), ("email", 200)):
        answer = put(contacts, NOW if match == "email" else ANNA, match)
        assert answer.status_code == expected
        assert (answer.json or {})["id"] != made["id"]
    assert contacts.of(other_workspace).get(made["id"]) == made


def test_a_batch_creates_and_changes_many(contacts: ContactsClient, event_log: EventLog) -> None:
    """Each item is answered as the single request is, and sees what those before it did."""
    contacts.create({**ANNA, "uid": "urn:x:0"})
    by_uid, by_email = {"match": "uid"}, {"match": "email"}
    wanted = [
        {"method": "POST", "query": by_uid, "body": {**ANNA, "title": "Chair", "emails": []}},
        {"method": "POST", "query": by_uid, "body": {**ANNA, "title": "Chair", "emails": []}},
        {"method": "POST", "query": by_email, "body": NOW | {"uid": "urn:x:0"}},
        {"method": "POST", "query": by_uid, "body": {"name": {"full": "Bo"}}},
        {"method": "POST", "query": by_uid, "if_match": "*", "body": {**ANNA, "uid": "urn:x:9"}},
        {"method": "POST", "query": {"mach": "uid"}, "body": ANNA},
        {"method": "PATCH", "id": str(uuid4()), "if_match": "*", "query": by_uid, "body": {}},
    ]
    answer = contacts.client.post(
        f"{CONTACTS}:batch", json={"items": wanted}, headers=contacts.headers
    )
    assert answer.status_code == 207
    items = (answer.json or {})["items"]
    assert [item["status"] for item in items] == [201, 200, 200, 422, 412, 400, 400]
    assert items[1]["body"] == items[0]["body"]
    assert items[1]["headers"] == items[0]["headers"]
    assert items[2]["body"]["name"]["full"] == "Anna Ek"
    kinds = [kind for kind, *_ in event_log.contact_events()]
    assert kinds == ["contact.created.v1", "contact.created.v1", "contact.updated.v1"]


def test_an_atomic_batch_with_one_that_cannot_be_told_does_nothing(
    contacts: ContactsClient, event_log: EventLog
) -> None:
    """Neither those that were created before it nor those that were changed are left."""
    one = contacts.create(ANNA)
    contacts.create({"name": {"full": "Eve"}, "emails": ANNA["emails"]})
    query = {"match": "uid"}
    wanted = [
        {"method": "POST", "query": query, "body": {**ANNA, "title": "Chair"}},
        {"method": "POST", "query": query, "body": {**ANNA, "uid": "urn:x:2"}},
        {"method": "POST", "query": {"match": "email"}, "body": NOW},
    ]
    answer = contacts.client.post(
        f"{CONTACTS}:batch", json={"items": wanted, "atomic": True}, headers=contacts.headers
    )
    assert [item["status"] for item in (answer.json or {})["items"]] == [424, 424, 409]
    assert contacts.get(one["id"]) == one
    assert len(contacts.all()) == len(event_log.contact_events()) == 2


@pytest.mark.parametrize("match", ContactMatch)
def test_of_many_at_once_one_creates_and_all_others_find_it(
    app: Flask, workspace: WorkspaceUnderTest, contacts: ContactsClient, match: ContactMatch
) -> None:
    """However many requests race, there is one contact, and nobody is refused."""
    document = {name: value for name, value in ANNA.items() if name != "uid" or match == "uid"}

    def send(_: int) -> int:
        return put(contacts.of(workspace, app.test_client()), document, match).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(send, range(6)))
    assert statuses == [200] * 5 + [201]
    assert len(contacts.all()) == 1


@pytest.mark.inside
@pytest.mark.parametrize("match", ContactMatch)
def test_who_comes_second_waits_for_the_first_and_changes_its_contact(
    workspace: WorkspaceUnderTest, contacts: ContactsClient, match: ContactMatch
) -> None:
    """What both said is in the one contact that there is."""

    def sent(**said: Any) -> bool:
        known = {"uid": "urn:x:1"} if match == "uid" else {"emails": (Email(address="a@x"),)}
        wanted = ContactChanges(name=NameChanges(full="Anna"), **known, **said)
        return service(Contacts).upsert(wanted, match=match).created

    def second() -> bool:
        with workspace.acting_as("crm_contacts"):
            return sent(role="Chair")

    with workspace.acting_as("crm_contacts"):
        assert sent(title="Architect")
        coming = begun(second)
        assert not coming.done()
    assert not coming.result()
    (found,) = contacts.all()
    assert (found["title"], found["role"], found["version"]) == ("Architect", "Chair", 2)


def test_a_caller_of_the_contract_names_only_what_it_knows(
    workspace: WorkspaceUnderTest, contacts: ContactsClient
) -> None:
    """Who is there keeps the name; who is not there needs one."""
    made = contacts.create(ANNA)
    known = ContactChanges(uid="urn:x:1", name=NameChanges(family="Ek"), note="Met in Lund.")
    with workspace.acting_as("crm_contacts"):
        put_ = service(Contacts).upsert
        found = put_(known, match=ContactMatch.UID, versions=(1,))
        assert (found.created, str(found.contact.id)) == (False, made["id"])
        assert (found.contact.name.full, found.contact.name.family) == ("Anna Lindqvist", "Ek")
        with pytest.raises(VersionMismatch):
            put_(known, match=ContactMatch.UID, versions=(1,))
        unknown = ContactChanges(uid="urn:x:2", name=NameChanges(family="Ek"))
        with pytest.raises(VersionMismatch):
            put_(unknown, match=ContactMatch.UID, create=False)
        with pytest.raises(InvalidContact) as refused:
            put_(unknown, match=ContactMatch.UID)
        assert [item.pointer for item in refused.value.errors] == ["/name/full"]
        with pytest.raises(InvalidContact):
            put_(ContactChanges(uid="u" * 501), match=ContactMatch.UID)
    assert contacts.get(made["id"])["note"] == "Met in Lund."


def test_several_are_told_at_the_contract(
    workspace: WorkspaceUnderTest, contacts: ContactsClient
) -> None:
    """The error crosses with the contacts that it names."""
    ids = [contacts.create({**ANNA, "uid": f"urn:x:{n}"})["id"] for n in range(2)]
    wanted = ContactChanges(emails=(Email(address="ANNA@lindqvist.example"),))
    with workspace.acting_as("crm_contacts"), pytest.raises(SeveralContactsMatch) as refused:
        service(Contacts).upsert(wanted, match=ContactMatch.EMAIL)
    messages = [item.message for item in refused.value.errors]
    assert messages == [f"The contact {contact_id} has it." for contact_id in ids]
