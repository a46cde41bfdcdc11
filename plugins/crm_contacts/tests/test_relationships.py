"""Relationships between contacts: what they say, and what becomes of them with their contacts."""

from __future__ import annotations

import re
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    ContactNotFound,
    Contacts,
    ContactsRelated,
    ContactsUnrelated,
    Relationship,
    RelationshipExists,
    Relationships,
    RelationshipType,
)
from meishi.sdk.context import service
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

CONTACTS = "/api/v1/contacts"
UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class Circle:
    """The contacts of one workspace and what they are to each other, over HTTP."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self._client = client
        self._headers = workspace.headers

    def add(self, full: str) -> str:
        """Create a contact; return its id."""
        answer = self.send("POST", "", json={"name": {"full": full}})
        assert answer.status_code == 201, answer.text
        return str((answer.json or {})["id"])

    def relate(self, source: str, target: str, kind: str = "friend", **more: Any) -> dict[str, Any]:
        """Relate a contact to another; return the relationship."""
        answer = self.try_to_relate(source, target, kind, **more)
        assert answer.status_code == 201, answer.text
        assert answer.json is not None
        return dict(answer.json)

    def try_to_relate(self, source: str, target: str, kind: str, **more: Any) -> TestResponse:
        """Relate a contact to another, which may be refused."""
        document = {"target_id": target, "type": kind, **more}
        return self.send("POST", f"/{source}/relationships", json=document)

    def of(self, contact: str, **query: Any) -> list[tuple[str, str, str]]:
        """Return source, target and type of the relationships on one page of a contact's."""
        answer = self.send("GET", f"/{contact}/relationships", query_string=query)
        assert answer.status_code == 200, answer.text
        return [
            (item["source_id"], item["target_id"], item["type"])
            for item in (answer.json or {})["items"]
        ]

    def merge(self, target: str, *sources: str) -> None:
        """Merge contacts into one."""
        answer = self.send("POST", f"/{target}/merge", json={"merged_ids": sources})
        assert answer.status_code == 200, answer.text

    def delete(self, contact: str) -> None:
        """Delete a contact."""
        answer = self.send("DELETE", f"/{contact}", headers={"If-Match": "*"})
        assert answer.status_code == 204, answer.text

    def restore(self, contact: str) -> None:
        """Bring a contact back."""
        assert self.send("POST", f"/{contact}/restore").status_code == 200

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request to the contact service."""
        headers = self._headers | request.pop("headers", {})
        return self._client.open(f"{CONTACTS}{path}", method=method, headers=headers, **request)


@pytest.fixture
def circle(client: FlaskClient, workspace: WorkspaceUnderTest) -> Circle:
    """The contacts of the workspace under test."""
    return Circle(client, workspace)


def related(found: dict[str, Any]) -> ContactsRelated:
    """Return the event of a relationship that is there."""
    return ContactsRelated(**_facts(found))


def unrelated(found: dict[str, Any]) -> ContactsUnrelated:
    """Return the event of a relationship that is gone."""
    return ContactsUnrelated(**_facts(found))


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "relationship_id": UUID(found["id"]),
        "source_id": UUID(found["source_id"]),
        "target_id": UUID(found["target_id"]),
        "type": RelationshipType(found["type"]),
    }


def test_a_relationship_is_seen_from_both_ends(
    circle: Circle, published_events: PublishedEvents
) -> None:
    """It is read at its address, stands in the lists of both contacts, and an event says so."""
    anna, bo = circle.add("Anna"), circle.add("Bo")
    answer = circle.try_to_relate(anna, bo, "co-worker", note="Met at the fair")
    assert answer.status_code == 201, answer.text
    found = answer.json
    assert found is not None
    assert {key: found[key] for key in ("source_id", "target_id", "type", "note", "version")} == {
        "source_id": anna,
        "target_id": bo,
        "type": "co-worker",
        "note": "Met at the fair",
        "version": 1,
    }
    address = answer.headers["Location"].partition(CONTACTS)[2]
    read = circle.send("GET", address)
    assert (read.json, read.headers["ETag"]) == (found, answer.headers["ETag"])
    assert circle.of(anna) == circle.of(bo) == [(anna, bo, "co-worker")]
    assert published_events(ContactsRelated) == [related(found)]


def test_a_list_goes_on_in_order_of_creation(circle: Circle) -> None:
    """Relationships to and from a contact come page by page, each once, and are counted."""
    anna = circle.add("Anna")
    others = [circle.add(f"Friend {number}") for number in range(5)]
    made = [
        circle.relate(*((anna, other) if place % 2 else (other, anna)))
        for place, other in enumerate(others)
    ]
    circle.relate(others[0], others[1])
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2, "total": "true"}
    while True:
        page = circle.send("GET", f"/{anna}/relationships", query_string=query).json or {}
        assert page["total"] == len(made)
        seen += page["items"]
        if page["next_after"] is None:
            break
        query["after"] = page["next_after"]
    assert seen == made


def test_what_cannot_be_related_is_refused(circle: Circle) -> None:
    """A contact to itself, to one that is not there, in no known way, or twice in the same way."""
    anna, bo = circle.add("Anna"), circle.add("Bo")
    assert circle.try_to_relate(anna, anna, "me").status_code == 422
    assert circle.try_to_relate(anna, UNKNOWN, "friend").status_code == 404
    assert circle.try_to_relate(UNKNOWN, anna, "friend").status_code == 404
    assert circle.try_to_relate(anna, bo, "enemy").status_code == 422
    for note in ("", " ", "x" * 10_001):
        assert circle.try_to_relate(anna, bo, "friend", note=note).status_code == 422
    circle.relate(anna, bo)
    again = circle.try_to_relate(anna, bo, "friend")
    assert (again.status_code, (again.json or {})["type"].rpartition(":")[2]) == (
        409,
        "relationship-exists",
    )
    circle.relate(bo, anna)
    circle.relate(anna, bo, "kin")
    assert len(circle.of(anna)) == 3


def test_a_relationship_is_taken_away_as_it_was_read(
    circle: Circle, published_events: PublishedEvents
) -> None:
    """Deleting it asks for its tag, and is published once; then it is not there."""
    anna, bo = circle.add("Anna"), circle.add("Bo")
    found = circle.relate(anna, bo)
    path = f"/relationships/{found['id']}"
    tag = circle.send("GET", path).headers["ETag"]
    assert circle.send("DELETE", path).status_code == 428
    assert circle.send("DELETE", path, headers={"If-Match": '"7.00"'}).status_code == 412
    assert circle.send("DELETE", path, headers={"If-Match": tag}).status_code == 204
    assert circle.send("DELETE", path, headers={"If-Match": tag}).status_code == 404
    assert circle.send("GET", path).status_code == 404
    assert circle.of(anna) == []
    assert published_events(ContactsUnrelated) == [unrelated(found)]


def test_relationships_of_a_deleted_contact_come_back_with_it(
    circle: Circle, published_events: PublishedEvents
) -> None:
    """They are gone while one of both ends is, and there again when none is."""
    anna, bo, cecilia = circle.add("Anna"), circle.add("Bo"), circle.add("Cecilia")
    first, second = circle.relate(anna, bo), circle.relate(cecilia, anna)
    circle.delete(anna)
    assert circle.of(bo) == circle.of(cecilia) == []
    assert circle.send("GET", f"/relationships/{first['id']}").status_code == 404
    gone = circle.send("DELETE", f"/relationships/{first['id']}", headers={"If-Match": "*"})
    assert gone.status_code == 404
    circle.delete(bo)
    circle.restore(anna)
    assert circle.of(anna) == [(cecilia, anna, "friend")]
    circle.restore(bo)
    assert circle.of(anna) == [(anna, bo, "friend"), (cecilia, anna, "friend")]
    assert published_events(ContactsRelated, ContactsUnrelated) == [
        related(first),
        related(second),
        unrelated(first),
        unrelated(second),
        related(second),
        related(first),
    ]


def test_merging_moves_what_there_was(circle: Circle, published_events: PublishedEvents) -> None:
    """The contact that stays has it all; what would lead to itself or say a thing twice goes."""
    anna, double, triple = (circle.add("Anna") for _ in range(3))
    bo, cecilia = circle.add("Bo"), circle.add("Cecilia")
    loop = circle.relate(double, anna, "me")
    own = circle.relate(anna, bo)
    same = circle.relate(double, bo)
    moved = circle.relate(cecilia, double, "agent")
    elder = circle.relate(triple, cecilia)
    younger = circle.relate(double, cecilia)
    circle.merge(anna, double, triple)
    assert circle.of(anna) == [
        (anna, bo, "friend"),
        (cecilia, anna, "agent"),
        (anna, cecilia, "friend"),
    ]
    kept = circle.send("GET", f"/relationships/{moved['id']}").json or {}
    assert (kept["target_id"], kept["version"]) == (anna, 2)
    assert circle.send("GET", f"/relationships/{own['id']}").json == own
    assert circle.send("GET", f"/relationships/{elder['id']}").status_code == 200
    dropped = published_events(ContactsUnrelated)
    assert sorted(dropped, key=repr) == sorted(map(unrelated, (loop, same, younger)), key=repr)
    circle.restore(double)
    assert circle.of(double) == []


def test_merging_moves_what_is_hidden_too(
    circle: Circle, published_events: PublishedEvents
) -> None:
    """A relationship to a deleted contact comes back with that, as one of the contact that stays.

    Of two that become the same, one goes; nobody is told, as neither was to be seen.
    """
    anna, double, bo = circle.add("Anna"), circle.add("Anna"), circle.add("Bo")
    own = circle.relate(anna, bo)
    same = circle.relate(double, bo)
    circle.delete(bo)
    circle.merge(anna, double)
    circle.restore(bo)
    assert circle.of(bo) == [(anna, bo, "friend")]
    assert published_events(ContactsUnrelated) == [unrelated(own), unrelated(same)]


def test_another_workspace_sees_none_of_it(
    circle: Circle,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
) -> None:
    """Relationships and their contacts are not there for others, nor can they be related."""
    anna, bo = circle.add("Anna"), circle.add("Bo")
    found = circle.relate(anna, bo)
    others = Circle(client, other_workspace)
    stranger = others.add("Stranger")
    assert others.send("GET", f"/relationships/{found['id']}").status_code == 404
    assert others.send("GET", f"/{anna}/relationships").status_code == 404
    assert others.try_to_relate(stranger, anna, "friend").status_code == 404
    with other_workspace.acting_as("crm_contacts"):
        assert service(Relationships).list().items == ()
        assert service(Relationships).find((UUID(found["id"]),)) == ()
    with workspace.acting_as("crm_contacts"):
        (seen,) = service(Relationships).list().items
        assert service(Relationships).find((seen.id, UUID(UNKNOWN))) == (seen,)
    assert str(seen.id) == found["id"]


def in_threads(workspace: WorkspaceUnderTest, *works: Any) -> list[Any]:
    """Do works at the same time, each in its own transaction; return what came of them."""
    begin = Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Any) -> None:
        begin.wait()
        try:
            with workspace.acting_as("crm_contacts"):
                found[place] = work()
        except (ContactNotFound, RelationshipExists) as error:
            found[place] = error

    threads = [Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_relating_to_a_contact_that_is_being_deleted(
    circle: Circle, workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """Either it comes first and goes with the contact, or it is refused: nothing is left over."""
    for number in range(8):
        anna, bo = UUID(circle.add("Anna")), UUID(circle.add("Bo"))
        made, _ = in_threads(
            workspace,
            lambda: service(Relationships).create(anna, bo, RelationshipType.FRIEND),  # noqa: B023
            lambda: service(Contacts).delete(bo),  # noqa: B023
        )
        assert isinstance(made, Relationship | ContactNotFound), number
        assert circle.of(str(anna)) == []
    told = published_events(ContactsRelated, ContactsUnrelated)
    there = [item for item in told if isinstance(item, ContactsRelated)]
    assert len(told) == 2 * len(there)


def test_both_ends_are_deleted_at_the_same_time(
    circle: Circle, workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """One of both deletions tells that the relationship is gone; both restored tell it is back."""
    for _ in range(8):
        anna, bo = circle.add("Anna"), circle.add("Bo")
        circle.relate(anna, bo)
        circle.relate(bo, anna)
        for method in ("delete", "restore"):
            in_threads(
                workspace,
                lambda: getattr(service(Contacts), method)(UUID(anna)),  # noqa: B023
                lambda: getattr(service(Contacts), method)(UUID(bo)),  # noqa: B023
            )
        assert len(circle.of(anna)) == 2
    assert len(published_events(ContactsUnrelated)) == 16
    assert len(published_events(ContactsRelated)) == 32


def test_the_page_of_a_contact_shows_and_changes_them(signed_in: Browser, circle: Circle) -> None:
    """Another contact is searched for, chosen and related; each page says it from its end."""
    anna, bo = circle.add("Anna <b>Ek</b>"), circle.add("Bo Berg")
    circle.add("Cecilia")
    path = f"/contacts/{anna}"
    assert "Related to nobody yet." in signed_in.get(path).text
    asked = signed_in.get(f"{path}/relate?q=berg").text
    assert re.findall(r'name="target_id" value="([^"]*)"', asked) == [bo]
    assert signed_in.get(f"{path}/relate").text.count('name="target_id"') == 2
    typed = {"target_id": bo, "type": "child", "note": "<i>youngest</i>"}
    assert signed_in.send(f"{path}/relate", typed).location == path
    shown = signed_in.get(path).text
    assert re.search(rf'>Child</span> <a href="/contacts/{bo}">Bo Berg</a>', shown)
    assert "&lt;i&gt;youngest&lt;/i&gt;" in shown
    other = signed_in.get(f"/contacts/{bo}").text
    assert re.search(rf'>Parent</span> <a href="/contacts/{anna}">Anna &lt;b&gt;', other)
    again = signed_in.send(f"{path}/relate", typed)
    assert (again.status_code, "noted already" in again.text) == (409, True)
    for wrong in ({"type": "child"}, {**typed, "type": "x"}, {**typed, "target_id": anna}):
        assert signed_in.send(f"{path}/relate", wrong).status_code == 422
    (remove,) = re.findall(r'action="(/contacts/[^"]*/relationships/[^"]*/delete)"', shown)
    token = token_on(signed_in.get(path))
    assert signed_in.client.post(remove).status_code == 403
    assert signed_in.client.post(remove, data={"csrf_token": token}).location == path
    assert circle.of(anna) == []
