"""Histories of contacts: every change is there, says where it came from, and can be put back."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    ChangeSource,
    ContactChanges,
    Contacts,
    ContactUpdated,
    History,
)
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

from .conftest import CONTACTS, ContactsClient, ContactsPart, own, vcard

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
#: What of a contact is none of its fields.
AROUND = {"id", "version", "created_at", "updated_at", "deleted_at"}
ANNA = {
    "name": {"full": "Anna Ek", "given": "Anna", "family": "Ek"},
    "title": "Architect",
    "emails": [{"address": "anna@ek.example", "types": ["work"], "parameters": {"X-A": ["1"]}}],
    "tags": ["Friends"],
}


class Histories(ContactsPart):
    """The histories of one workspace over HTTP."""

    def of(self, contact_id: str, **query: Any) -> list[dict[str, Any]]:
        """Return all changes of a contact, newest first, page by page."""
        asked, found = {"limit": 2} | query, list[dict[str, Any]]()
        while True:
            answer = self.send("GET", f"/{contact_id}/history", query_string=asked)
            assert answer.status_code == 200, answer.text
            page = answer.json or {}
            found += page["items"]
            if page["next_after"] is None:
                return found
            asked["after"] = page["next_after"]

    def change(self, contact_id: str, **fields: Any) -> None:
        """Change a contact, whatever version it has."""
        self.contacts.patch({"id": contact_id}, fields)

    def revert(
        self, contact_id: str, change_id: str, *fields: str, version: str = "*"
    ) -> TestResponse:
        """Put fields of a change back."""
        return self.send(
            "POST",
            f"/{contact_id}/history/{change_id}:revert",
            json={"fields": list(fields)},
            headers={"If-Match": version},
        )

    def said(self, contact_id: str) -> dict[str, Any]:
        """Return what a contact says now, in its fields."""
        found = own(self.contacts.get(contact_id))
        return {name: value for name, value in found.items() if name not in AROUND}

    def merge(self, target: str, *sources: str) -> None:
        """Merge contacts into one."""
        answer = self.send("POST", f"/{target}/merge", json={"merged_ids": sources})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


def walked_back(now: dict[str, Any], changes: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return what a contact said in each version, from what it says now and its history."""
    said, versions = copy.deepcopy(now), dict[int, dict[str, Any]]()
    for change in changes:
        versions[change["version"]] = copy.deepcopy(said)
        for item in change["fields"]:
            assert item["before"] != item["after"]
            name, _, key = item["field"].partition(".")
            if not key:
                assert said[name] == item["after"]
                said[name] = item["before"]
                continue
            assert said[name].pop(key, None) == item["after"]
            if item["before"] is not None:
                said[name][key] = item["before"]
    return versions


def test_walking_back_from_now_gives_every_version_that_there_was(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """Whatever changed a contact: each version has one record, and they follow each other."""
    field = histories.send(
        "POST", "/custom-fields", json={"key": "size", "title": "Size", "type": "text"}
    ).json
    assert field is not None
    anna = contacts.create(ANNA)["id"]
    twin = contacts.create({**ANNA, "phones": [{"number": "+49 30 123456"}], "title": "Lead"})["id"]
    edit = {"Content-Type": MERGE_PATCH, "If-Match": "*"}

    def tag(name: str) -> str:
        items = (histories.send("GET", "/tags", query_string={"limit": 200}).json or {})["items"]
        [found] = [item["id"] for item in items if item["name"] == name]
        return str(found)

    def define(**changes: Any) -> TestResponse:
        body = json.dumps(changes)
        return histories.send("PATCH", f"/custom-fields/{field['id']}", data=body, headers=edit)

    def rename() -> TestResponse:
        body = json.dumps({"name": "Amigos"})
        return histories.send("PATCH", f"/tags/{tag('Friends')}", data=body, headers=edit)

    def edit_many() -> None:
        answer = histories.send(
            "POST",
            "/bulk-edits",
            json={"contact_ids": [anna], "add_tags": [tag("vip")], "remove_tags": [tag("Amigos")]},
        )
        assert answer.status_code == 202, answer.text
        contacts.run_jobs()

    def enrich() -> None:
        with workspace.acting_as("crm_contacts"):
            changes = ContactChanges(organisation="Ek AB")
            service(Contacts).update(
                UUID(anna), changes, source=ChangeSource.ENRICHMENT, source_id=UUID(UNKNOWN)
            )

    card = vcard("FN:Anna Ek", "N:Ek;Anna;;;", "UID:urn:anna", "TEL:+49 40 998877", "ROLE:Boss")
    works: list[Callable[[], object]] = [
        lambda: histories.change(anna, custom={"size": "40"}, uid="urn:anna"),
        lambda: histories.change(anna, tags=["vip", "Friends", "amigo"], name={"given": None}),
        rename,
        lambda: define(type="number"),
        lambda: contacts.upload(card),
        edit_many,
        lambda: histories.merge(anna, twin),
        lambda: histories.change(anna, emails=[], note='"Quoted"\nand more'),
        lambda: histories.send("POST", f"/{twin}/unmerge"),
        lambda: histories.send(
            "POST", f"/tags/{tag('vip')}/merge", json={"merged_ids": [tag("amigo")]}
        ),
        enrich,
        lambda: histories.send("DELETE", f"/custom-fields/{field['id']}", headers=edit),
        lambda: histories.send("DELETE", f"/tags/{tag('vip')}", headers=edit),
        lambda: histories.send("DELETE", f"/{anna}", headers=edit),
        lambda: histories.send("POST", f"/{anna}/restore"),
    ]
    contacts.register()
    seen = {1: histories.said(anna)}
    for work in works:
        answer = work()
        assert not isinstance(answer, TestResponse) or answer.status_code < 300, answer.text
        answer = histories.send("GET", f"/{anna}")
        if answer.status_code == 200:
            seen[(answer.json or {})["version"]] = histories.said(anna)
    assert len(seen) == len(works)  # all but one made a version that could be read
    changes = histories.of(anna)
    versions = walked_back(histories.said(anna), changes)
    assert list(versions) == list(range(max(seen), 0, -1))
    assert {version: versions[version] for version in seen} == seen
    assert [(item["source"], item["action"]) for item in changes[::-1]] == [
        ("user", "created"), ("user", "updated"), ("user", "updated"), ("user", "updated"),
        ("user", "updated"), ("import", "updated"), ("bulk_edit", "updated"), ("merge", "updated"),
        ("user", "updated"), ("unmerge", "updated"), ("user", "updated"),
        ("enrichment", "updated"), ("user", "updated"), ("user", "updated"), ("user", "deleted"),
        ("user", "restored"),
    ]  # fmt: skip
    assert versions[1] == {**versions[1], "title": "Architect", "tags": ["Friends"]}


def test_a_change_says_who_did_it_and_where_it_came_from(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """A user, also where a worker does what they asked for; a service; the row of an import."""
    content = vcard("FN:Anna Ek", "UID:urn:anna") + vcard("FN:Bo Ek", "UID:urn:bo", "TITLE:Chef")
    first = contacts.upload(content)
    anna, bo = (row["contact_id"] for row in first["results"])
    second = contacts.upload(content.replace("TITLE:Chef", "ROLE:Cook"))
    with workspace.acting_as("crm_contacts"):
        changes = ContactChanges(title="Boss")
        enrichment = ChangeSource.ENRICHMENT
        service(Contacts).update(UUID(anna), changes, source=enrichment, source_id=UUID(UNKNOWN))
    created, updated = histories.of(bo)[::-1]
    assert created["fields"] == []
    assert (created["source"], created["source_id"], created["source_row"]) == (
        "import", first["id"], 1,
    )  # fmt: skip
    assert (updated["source_id"], updated["source_row"]) == (second["id"], 1)
    assert updated["fields"] == [
        {"field": "role", "before": None, "after": "Cook", "erased": False}
    ]
    user_id = contacts.create({"name": {"full": "Cy"}})
    [by_hand] = histories.of(user_id["id"])
    assert (by_hand["source"], by_hand["source_id"], by_hand["actor"]) == ("user", None, "user")
    assert created["actor_id"] == updated["actor_id"] == by_hand["actor_id"] is not None
    [found, *_] = histories.of(anna)
    assert (found["source"], found["source_id"]) == ("enrichment", UNKNOWN)
    assert (found["actor"], found["actor_id"]) == ("system", None)


def test_a_history_is_read_by_field(contacts: ContactsClient, histories: Histories) -> None:
    """Custom ones by their key, or all of them; pages go on where the last one ended."""
    histories.send("POST", "/custom-fields", json={"key": "a", "title": "A", "type": "text"})
    anna = contacts.create(ANNA)["id"]
    for number in range(3):
        histories.change(anna, title=f"T{number}")
        histories.change(anna, custom={"a": f"A{number}"})
    query = {"filter[field][eq]": "title"}
    titles = [item["fields"][0]["after"] for item in histories.of(anna, **query)]
    assert titles == ["T2", "T1", "T0"]
    for name in ("custom", "custom.a"):
        found = histories.of(anna, **{"filter[field][eq]": name})
        assert [item["fields"][0]["before"] for item in found] == ["A1", "A0", None]
    page = histories.send("GET", f"/{anna}/history", query_string={"total": "true"} | query).json
    assert page is not None
    assert page["total"] == 3
    assert histories.of(anna, **{"filter[field][eq]": "custom.b"}) == []


def test_what_a_change_did_is_put_back(
    contacts: ContactsClient, histories: Histories, published_events: PublishedEvents
) -> None:
    """As a change of its own, which can be put back in turn; others' fields stay."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss", emails=[], tags=["vip"])
    histories.change(anna, note="Later")
    [later, changed, _] = histories.of(anna)
    before = len(published_events())
    answer = histories.revert(anna, changed["id"])
    assert answer.status_code == 200, answer.text
    said = histories.said(anna)
    assert (said["title"], said["note"], said["tags"]) == ("Architect", "Later", ["Friends"])
    assert said["emails"][0]["parameters"] == {"X-A": ["1"]}
    [reverted, *rest] = histories.of(anna)
    assert (reverted["source"], reverted["source_id"]) == ("revert", changed["id"])
    assert [item["id"] for item in rest[:2]] == [later["id"], changed["id"]]
    [event] = published_events()[before:]
    assert isinstance(event, ContactUpdated)
    assert (set(event.fields), event.source) == ({"title", "emails", "tags"}, ChangeSource.USER)
    version = contacts.get(anna)["version"]
    assert histories.revert(anna, changed["id"]).status_code == 200  # is as it was already
    assert contacts.get(anna)["version"] == version
    assert histories.revert(anna, reverted["id"], "title").status_code == 200
    assert histories.said(anna) == said | {"title": "Boss"}


def test_what_was_changed_again_since_is_put_back_only_if_it_is_named(
    contacts: ContactsClient, histories: Histories
) -> None:
    """The problem names it, and nothing of the change is put back before somebody decides."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss", role="Lead")
    [changed, _] = histories.of(anna)
    histories.change(anna, title="Owner")
    answer = histories.revert(anna, changed["id"])
    assert answer.status_code == 409
    problem = answer.json or {}
    assert problem["type"].endswith("changed-since")
    assert [item["pointer"] for item in problem["errors"]] == ["/title"]
    assert histories.said(anna)["role"] == "Lead"
    assert histories.revert(anna, changed["id"], "role").status_code == 200
    assert histories.said(anna)["title"] == "Owner"
    assert histories.revert(anna, changed["id"], "title").status_code == 200
    assert histories.said(anna)["title"] == "Architect"


def test_a_revert_is_refused_for_what_there_is_not(
    contacts: ContactsClient, histories: Histories
) -> None:
    """No such change, field, version or contact; and what came into being is not put back."""
    anna, bo = (contacts.create({"name": {"full": name}})["id"] for name in ("Anna", "Bo"))
    histories.change(anna, title="Boss")
    [changed, created] = histories.of(anna)
    refusals = [
        (anna, created["id"], (), "*", 422, "invalid-revert"),
        (anna, changed["id"], ("role",), "*", 422, "invalid-revert"),
        (anna, UNKNOWN, (), "*", 404, "change-not-found"),
        (bo, changed["id"], (), "*", 404, "change-not-found"),
        (UNKNOWN, changed["id"], (), "*", 404, "contact-not-found"),
        (anna, changed["id"], (), '"1.x"', 412, "version-mismatch"),
    ]
    for contact_id, change_id, names, version, status, code in refusals:
        answer = histories.revert(contact_id, change_id, *names, version=version)
        assert (answer.status_code, (answer.json or {})["type"].rsplit(":", 1)[-1]) == (
            status, code,
        )  # fmt: skip
    path = f"/{anna}/history/{changed['id']}:revert"
    assert histories.send("POST", path, json={}).status_code == 428
    assert histories.said(anna)["title"] == "Boss"


def test_a_custom_field_that_is_gone_is_not_put_back(
    contacts: ContactsClient, histories: Histories
) -> None:
    """What rules now is asked: the problem names the field."""
    field = histories.send(
        "POST", "/custom-fields", json={"key": "a", "title": "A", "type": "text"}
    ).json
    assert field is not None
    anna = contacts.create({**ANNA, "custom": {"a": "A"}})["id"]
    histories.send("DELETE", f"/custom-fields/{field['id']}", headers={"If-Match": "*"})
    [gone, _] = histories.of(anna)
    answer = histories.revert(anna, gone["id"])
    assert answer.status_code == 422
    assert [item["pointer"] for item in (answer.json or {})["errors"]] == ["/custom/a"]


def test_a_merged_contact_leads_to_the_one_that_took_it_and_its_history_is_there(
    contacts: ContactsClient, histories: Histories
) -> None:
    """The history of a contact that is only deleted is not there until it is restored."""
    anna, twin = contacts.create(ANNA)["id"], contacts.create({**ANNA, "role": "Lead"})["id"]
    histories.merge(anna, twin)
    answer = histories.send("GET", f"/{twin}/history")
    assert (answer.status_code, answer.headers["Location"]) == (
        301, f"{CONTACTS}/{anna}/history",
    )  # fmt: skip
    merged = histories.of(anna, **{"filter[merged][eq]": twin})
    assert [item["action"] for item in merged] == ["deleted", "created"]
    assert merged[0]["source_id"] == histories.of(anna)[0]["source_id"] is not None
    other = contacts.create(ANNA)["id"]
    assert histories.of(anna, **{"filter[merged][eq]": other}) == []  # is not merged into it
    histories.send("DELETE", f"/{other}", headers={"If-Match": "*"})
    assert histories.send("GET", f"/{other}/history").status_code == 404
    assert histories.send("GET", f"/{UNKNOWN}/history").status_code == 404


def test_the_history_of_a_merged_contact_goes_with_the_one_that_took_it(
    contacts: ContactsClient, histories: Histories
) -> None:
    """As the contact itself does, and its timeline: what is deleted is read by nobody."""
    anna, twin = (contacts.create(ANNA)["id"] for _ in range(2))
    histories.merge(anna, twin)
    assert histories.send("DELETE", f"/{anna}", headers={"If-Match": "*"}).status_code == 204
    for contact_id in (anna, twin):
        assert histories.send("GET", f"/{contact_id}/history").status_code == 404


def test_two_who_put_back_and_change_at_the_same_time_lose_nothing(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """Each version has one record, and each record tells of the version before it."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss")
    changed = histories.of(anna)[0]["id"]
    writers, barrier = 4, Barrier(4)

    def write(number: int) -> None:
        barrier.wait()
        for turn in range(3):
            with workspace.acting_as("crm_contacts"):
                if number % 2:
                    service(History).revert(UUID(anna), UUID(changed), fields=("title",))
                else:
                    changes = ContactChanges(title=f"{number}-{turn}")
                    service(Contacts).update(UUID(anna), changes)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    changes = histories.of(anna)
    assert [item["version"] for item in changes] == list(
        range(contacts.get(anna)["version"], 0, -1)
    )
    assert walked_back(histories.said(anna), changes)[1]["title"] == "Architect"


def test_nobody_reads_the_history_of_another_workspace(
    contacts: ContactsClient, histories: Histories, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither its records nor that there are any; and nothing of it is put back from there."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss")
    [changed, _] = histories.of(anna)
    stranger = Histories(contacts.of(other_workspace))
    assert stranger.send("GET", f"/{anna}/history").status_code == 404
    assert stranger.revert(anna, changed["id"]).status_code == 404
    assert histories.said(anna)["title"] == "Boss"


_TEXT = st.none() | st.sampled_from(["", "a", "b", "ä", '"'])
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": _TEXT,
        "note": _TEXT,
        "nicknames": st.lists(st.sampled_from(["A", "B", "C"]), max_size=3),
        "tags": st.lists(st.sampled_from(["x", "X", "y", "z"]), max_size=3),
        "emails": st.lists(
            st.fixed_dictionaries({"address": st.sampled_from(["a@x.example", "b@x.example"])}),
            max_size=2,
        ),
        "custom": st.fixed_dictionaries({"flag": st.sampled_from([True, False, None])}),
    },
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_FIELDS, min_size=1, max_size=5))
def test_any_changes_can_be_walked_back(
    contacts: ContactsClient, histories: Histories, changes: list[dict[str, Any]]
) -> None:
    """Whatever they are: each version is what it was, and to put all back ends with the first."""
    field = {"key": "flag", "title": "Flag", "type": "boolean"}
    assert histories.send("POST", "/custom-fields", json=field).status_code in {201, 409}
    contact_id = contacts.create({"name": {"full": "Anna"}, "tags": ["y"]})["id"]
    seen = {1: histories.said(contact_id)}
    for fields in changes:
        histories.change(contact_id, **fields)
        seen[contacts.get(contact_id)["version"]] = histories.said(contact_id)
    records = histories.of(contact_id)
    assert walked_back(histories.said(contact_id), records) == seen
    for record in records:
        if record["fields"]:
            assert histories.revert(contact_id, record["id"]).status_code == 200
    assert histories.said(contact_id) == seen[1]
