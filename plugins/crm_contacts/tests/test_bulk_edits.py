"""Edits of many contacts: deleting, restoring, fields and who sees them, by filter, search, id."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import (
    BulkEdits,
    ContactDeleted,
    ContactRestored,
    ContactsRelated,
    ContactsUnrelated,
    ContactUpdated,
)
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host, Location, PublishedEvents

from .colleagues import Colleague, Colleagues
from .conftest import CONTACTS, ContactsClient, vcard

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class ManyContacts:
    """The contacts of one workspace, edited together over HTTP."""

    def __init__(self, contacts: ContactsClient) -> None:
        self.contacts = contacts

    def ask(self, status: int = 202, **document: Any) -> dict[str, Any]:
        """Ask for an edit, and return the operation or the problem."""
        answer = self.contacts.client.post(
            f"{CONTACTS}/bulk-edits", json=document, headers=self.contacts.headers
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json or {})

    def edited(self, **document: Any) -> dict[str, Any]:
        """Have contacts edited, and return what came of it."""
        self.contacts.register()
        operation = self.ask(**document)
        self.contacts.run_jobs()
        found = self.contacts.operation(operation["id"])
        assert found["state"] == "succeeded", found
        return dict(found["result"])

    def add(self, full: str, **more: Any) -> str:
        """Create a contact; return its id."""
        return str(self.contacts.create({"name": {"full": full}, **more})["id"])

    def names(self, **query: Any) -> list[str]:
        """Return whom a list shows, by name."""
        items = self.contacts.page(sort="name", **query)["items"]
        return [item["name"]["full"] for item in items]

    def send(self, method: str, path: str, **request: Any) -> Any:
        """Send a request that should succeed, and return what was answered."""
        headers = self.contacts.headers | request.pop("headers", {})
        answer = self.contacts.client.open(
            f"{CONTACTS}{path}", method=method, headers=headers, **request
        )
        assert answer.status_code < 300, answer.text
        return answer.json


@pytest.fixture
def many(contacts: ContactsClient) -> ManyContacts:
    """The contacts of the workspace."""
    return ManyContacts(contacts)


def counted(contacts: int, changed: int, **passed_over: int) -> dict[str, Any]:
    """Return what an edit tells of itself."""
    reasons = {name.replace("_", "-"): count for name, count in passed_over.items()}
    return {"contacts": contacts, "changed": changed, "passed_over": reasons}


def test_all_that_a_filter_shows_are_deleted_and_come_back(
    many: ManyContacts, published_events: PublishedEvents
) -> None:
    """In steps, each told of and kept in its history as what an edit of many did."""
    cards = "".join(vcard(f"FN:P{number}", "ORG:Lind") for number in range(505))
    many.contacts.upload(cards)
    many.add("Other")
    filtered = {"organisation": {"eq": "lind"}}
    assert many.edited(filter=filtered, deleted=True) == counted(505, 505)
    assert many.names() == ["Other"]
    assert len(published_events(ContactDeleted)) == 505
    assert many.edited(filter=filtered, deleted=True) == counted(0, 0)
    assert many.edited(filter=filtered, deleted=False) == counted(505, 505)
    assert len(published_events(ContactRestored)) == 505
    assert many.contacts.page(**{"filter[organisation][eq]": "lind", "total": True})["total"] == 505
    one = many.contacts.page(limit=1)["items"][0]["id"]
    changes = many.send("GET", f"/{one}/history")["items"]
    assert [(item["action"], item["source"]) for item in changes[:2]] == [
        ("restored", "bulk_edit"),
        ("deleted", "bulk_edit"),
    ]


def test_what_cannot_be_restored_is_told(many: ManyContacts) -> None:
    """Whose UID another one has by now, who is merged, and who is not there; all others come."""
    taken, merged, gone, there = (
        many.add(name, uid=f"urn:{name}") for name in ("Taken", "Merged", "Gone", "There")
    )
    many.send("POST", f"/{there}/merge", json={"merged_ids": [merged]})
    assert many.edited(contact_ids=[taken, gone], deleted=True) == counted(2, 2)
    many.add("Another", uid="urn:Taken")
    asked = [taken, merged, gone, there, UNKNOWN]
    told = counted(5, 1, contact_not_found=1, contact_merged=1, contact_uid_taken=1)
    assert many.edited(contact_ids=asked, deleted=False) == told
    assert many.names() == ["Another", "Gone", "There"]


def test_relationships_of_who_is_deleted_go_and_come_with_both(
    many: ManyContacts, published_events: PublishedEvents
) -> None:
    """Also where both ends are deleted at once; each is told of once."""
    anna, bo, cleo = (many.add(name) for name in ("Anna", "Bo", "Cleo"))
    for source, target in ((anna, bo), (bo, cleo)):
        body = {"target_id": target, "type": "friend"}
        many.send("POST", f"/{source}/relationships", json=body)
    many.edited(contact_ids=[anna, bo], deleted=True)
    assert len(published_events(ContactsUnrelated)) == 2
    assert many.send("GET", f"/{cleo}/relationships")["items"] == []
    many.send("POST", f"/{bo}/restore")
    assert len(many.send("GET", f"/{bo}/relationships")["items"]) == 1
    many.edited(contact_ids=[anna, bo], deleted=False)
    assert len(many.send("GET", f"/{bo}/relationships")["items"]) == 2
    assert len(published_events(ContactsRelated)) == 4


def test_whom_a_search_finds_is_edited(many: ManyContacts) -> None:
    """As when it was asked for, within what a filter shows."""
    for name, kind in (("Anna Lind", "individual"), ("Lind AB", "org"), ("Bo Ek", "individual")):
        many.add(name, kind=kind)
    tag = many.send("POST", "/tags", json={"name": "VIP"})["id"]
    people = {"kind": {"eq": "individual"}}
    assert many.edited(q="lind", filter=people, add_tags=[tag]) == counted(1, 1)
    assert many.names(**{"filter[tag][in]": "vip"}) == ["Anna Lind"]
    assert many.edited(q="lind", deleted=True) == counted(2, 2)
    assert many.names() == ["Bo Ek"]
    assert many.edited(q="nobody", deleted=True) == counted(0, 0)


@pytest.mark.inside
def test_a_search_that_may_find_more_than_it_tells_is_refused(
    many: ManyContacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that all of them are changed while some are not."""
    from crm_contacts.service import bulk_asking

    monkeypatch.setattr(bulk_asking, "_SEARCHED", 3)
    for number in range(3):
        many.add(f"Lind {number}")
    problem = many.ask(422, q="lind", filter={"name": {"eq": "lind 1"}}, deleted=True)
    assert problem["type"].endswith("invalid-bulk-edit")
    assert many.edited(q="lind 1", deleted=True) == counted(1, 1)


def test_fields_of_many_are_set_and_emptied(
    many: ManyContacts, published_events: PublishedEvents
) -> None:
    """As one by one: who says it already is left alone, and the history names the fields."""
    many.send("POST", "/custom-fields", json={"key": "size", "title": "Size", "type": "number"})
    anna = many.add("Anna", title="Boss", custom={"size": 4})
    bo = many.add("Bo", organisation="Ek AB")
    for number in range(101):
        many.add(f"P{number}", organisation="Ek AB", custom={"size": 7})
    changes: dict[str, Any] = {"organisation": "Ek AB", "title": None, "custom": {"size": 7}}
    assert many.edited(filter={}, changes=changes) == counted(103, 2)
    shown = many.contacts.get(anna)
    assert (shown["organisation"], shown["title"], shown["custom"]) == ("Ek AB", None, {"size": 7})
    [change] = many.send("GET", f"/{anna}/history", query_string={"limit": 1})["items"]
    assert change["source"] == "bulk_edit"
    assert {item["field"] for item in change["fields"]} == {"organisation", "title", "custom.size"}
    told = [item for item in published_events(ContactUpdated) if isinstance(item, ContactUpdated)]
    assert {(str(item.contact_id), item.source.value) for item in told} == {
        (anna, "user"), (bo, "user"),
    }  # fmt: skip
    assert many.edited(contact_ids=[bo], changes={"kind": "org"}) == counted(1, 1)
    assert many.names(**{"filter[kind][eq]": "org"}) == ["Bo"]
    assert many.contacts.page(q="ek ab", total=True)["total"] == 103


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"filter": {}, "deleted": True, "changes": {"title": "x"}}, None),
        ({"filter": {}, "changes": {}}, None),
        ({"filter": {"deleted": {"eq": "true"}}, "changes": {"title": "x"}}, None),
        ({"filter": {"deleted": {"eq": "false"}}, "deleted": False}, None),
        ({"contact_ids": [UNKNOWN], "q": "x", "deleted": True}, None),
        ({"filter": {}, "changes": {"custom": {"size": 1}}}, "/changes/custom/size"),
        ({"filter": {"organisation": {}}, "deleted": True}, "/filter/organisation"),
        ({"filter": {"title": {"prefix": " "}}, "deleted": True}, "/filter/title/prefix"),
        ({"filter": {"nothing": {}}, "changes": {"title": "x"}}, "/filter/nothing"),
    ],
)
def test_edits_that_cannot_be_are_refused(
    many: ManyContacts, wrong: dict[str, Any], pointer: str | None
) -> None:
    """Before anybody is told that they are under way; what is wrong is pointed at."""
    problem = many.ask(422, **wrong)
    assert problem["type"].endswith("invalid-bulk-edit"), problem
    assert pointer is None or [item["pointer"] for item in problem["errors"]] == [pointer]


@pytest.fixture
def people(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    host: Host,
    plugin_host: Host,
    database: Location,
) -> Colleagues:
    """The people of the workspace."""
    services = [] if plugin_host is host else [plugin_host]
    return Colleagues(client, workspace, host, database, *services)


def result_of(who: Colleague, run_jobs: JobRuns, **document: Any) -> dict[str, Any]:
    """Have contacts edited by a colleague, and return what came of it."""
    operation = who.json("POST", "/bulk-edits", json=document)
    run_jobs()
    found = who.contacts.operation(operation["id"])
    assert found["state"] == "succeeded", found
    return dict(found["result"])


def test_what_is_not_for_who_asks_to_write_is_told_and_stays(
    people: Colleagues, run_jobs: JobRuns
) -> None:
    """Shared for reading it is named as such; what they do not see is not there for them."""
    alice, bob = people.add("Alice"), people.add("Bob")
    ids = [
        alice.json("POST", "", json={"name": {"full": name}})["id"]
        for name in ("Everybody's", "To read", "Hers")
    ]
    alice.share(ids[1], shared_with=[{"user_id": bob.user_id, "access": "read"}])
    alice.share(ids[2])
    told = counted(3, 1, contact_not_found=1, contact_read_only=1)
    edit: dict[str, Any] = {"contact_ids": ids, "changes": {"title": "Boss"}}
    assert result_of(bob, run_jobs, **edit) == told
    edit = {"contact_ids": ids, "deleted": True}
    assert result_of(bob, run_jobs, **edit) == told
    assert sorted(alice.names()) == ["Hers", "To read"]
    assert result_of(alice, run_jobs, **edit) == counted(3, 2, contact_not_found=1)
    edit = {"contact_ids": ids, "deleted": False}
    assert result_of(bob, run_jobs, **edit) == told
    assert bob.names() == ["Everybody's"]
    assert result_of(alice, run_jobs, **edit) == counted(3, 2)


def test_who_sees_many_contacts_is_decided_by_whom_it_is_to(
    people: Colleagues, run_jobs: JobRuns
) -> None:
    """Made private, handed over so, and shown to all again; of others' nothing changes."""
    alice, bob, cleo = (people.add(name) for name in ("Alice", "Bob", "Cleo"))
    theirs = alice.json("POST", "", json={"name": {"full": "Anna"}})["id"]
    own = bob.json("POST", "", json={"name": {"full": "Bo"}})["id"]
    edit: dict[str, Any] = {"filter": {}, "visibility": "private"}
    assert result_of(bob, run_jobs, **edit) == counted(2, 1, sharing_refused=1)
    assert (alice.names(), bob.sharing(own)["visibility"]) == (["Anna"], "private")
    edit = {"contact_ids": [own], "visibility": "private", "owner_id": cleo.user_id}
    assert result_of(bob, run_jobs, **edit) == counted(1, 1)
    assert (bob.names(), cleo.sharing(own)["owner_id"]) == (["Anna"], cleo.user_id)
    [change] = cleo.json("GET", f"/{own}/history", query_string={"limit": 1})["items"]
    assert (change["source"], change["version"]) == ("bulk_edit", 3)
    edit = {"contact_ids": [own, theirs], "visibility": "workspace"}
    assert result_of(cleo, run_jobs, **edit) == counted(2, 1)
    assert sorted(bob.names()) == ["Anna", "Bo"]
    edit = {"filter": {}, "owner_id": cleo.user_id}
    assert result_of(bob, run_jobs, **edit) == counted(2, 0, sharing_refused=1)


def test_who_has_as_many_tags_as_can_be_is_told(many: ManyContacts) -> None:
    """They get none of them, and nobody believes that they did."""
    full = many.add("Full", tags=[f"t{number}" for number in range(50)])
    free = many.add("Free")
    vip = many.send("POST", "/tags", json={"name": "VIP"})["id"]
    told = counted(2, 1, too_many_tags=1)
    assert many.edited(contact_ids=[full, free], add_tags=[vip]) == told
    many.send(
        "PATCH",
        f"/{full}",
        data=json.dumps({"tags": []}),
        headers={"Content-Type": MERGE_PATCH, "If-Match": "*"},
    )
    assert many.edited(contact_ids=[full, free], add_tags=[vip]) == counted(2, 1)


@pytest.mark.inside
def test_edits_that_say_what_is_erased_are_gone(
    many: ManyContacts, workspace: WorkspaceUnderTest
) -> None:
    """What is to be written about others is forgotten where it names the person; nothing else."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    anna, address = many.add("Anna", emails=[{"address": "anna@x.example"}]), "anna@x.example"
    for title in (f"Assistant of {address.upper()}", "Boss"):
        many.ask(filter={}, changes={"title": title})
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(UUID(anna),), emails=(address,), phones=()))
    with workspace.acting_as("crm_contacts"):
        [(edits,)] = execute("SELECT edits::text FROM crm_contacts.bulk_edit", {})
    assert "Boss" in edits


@pytest.mark.inside
def test_what_is_stopped_or_killed_midway_is_gone_on_with(
    many: ManyContacts, workspace: WorkspaceUnderTest
) -> None:
    """Each step is done or not at all, and the next one begins behind it."""
    ids = [many.add(f"P{number}") for number in range(103)]
    many.ask(contact_ids=ids, changes={"title": "Boss"})
    with workspace.acting_as("crm_contacts"):
        [(edit_id,)] = execute("SELECT id FROM crm_contacts.bulk_edit", {})
        first = service(BulkEdits).step(edit_id)
    assert (first.done, first.changed, first.total, first.finished) == (100, 100, 103, False)

    def fall() -> None:
        with workspace.acting_as("crm_contacts"):
            assert service(BulkEdits).step(edit_id).finished
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fall()
    titles = [item["title"] for item in many.contacts.all()]
    assert (titles.count("Boss"), titles.count(None)) == (100, 3)
    with workspace.acting_as("crm_contacts"):
        last = service(BulkEdits).step(edit_id)
    assert (last.done, last.changed, last.finished) == (103, 103, True)
    assert {item["version"] for item in many.contacts.all()} == {2}
