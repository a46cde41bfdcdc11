"""Relationships in cards: written by UID, read whenever the other one comes, and taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import CardStatus, Contacts, SourceCard
from crm_contacts.repository import merges
from crm_contacts.sources import CHUNK_ROWS
from crm_contacts.validation import MAX_TEXT
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest

from .beside import begun
from .conftest import CONTACTS, ContactsClient, vcard
from .test_exports import exported
from .test_import_undos import undo

MEDIA_TYPES = {
    "contacts-vcard": "text/vcard",
    "contacts-vcard3": "text/vcard",
    "contacts-jcard": "application/vcard+json",
    "contacts-jscontact": "application/jscontact+json",
}
BO = ("FN:Bo", "UID:urn:uuid:00000000-0000-4000-8000-00000000000b")
FRIEND = "RELATED;TYPE=friend:urn:uuid:00000000-0000-4000-8000-00000000000b"
#: From, to, type and note.
Tie = tuple[str, str, str, str | None]


def relate(contacts: ContactsClient, source: str, target: str, kind: str, **more: str) -> None:
    """Relate a contact to another one."""
    answer = contacts.client.post(
        f"{CONTACTS}/{source}/relationships",
        json={"target_id": target, "type": kind, **more},
        headers=contacts.headers,
    )
    assert answer.status_code == 201, answer.text


def ties(contacts: ContactsClient) -> set[Tie]:
    """Return all relationships, by the names of their ends."""
    names = {item["id"]: item["name"]["full"] for item in contacts.all()}
    found: list[dict[str, Any]] = []
    for contact_id in names:
        answer = contacts.client.get(
            f"{CONTACTS}/{contact_id}/relationships", headers=contacts.headers
        )
        assert answer.json is not None
        found += answer.json["items"]
    return {
        (names[item["source_id"]], names[item["target_id"]], item["type"], item.get("note"))
        for item in found
    }


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_relationships_come_along_to_another_workspace(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest, name: str
) -> None:
    """Types, notes and directions are what they were; the same again changes nothing, anywhere."""
    anna = contacts.create({"name": {"full": "Anna"}})["id"]
    bo = contacts.create({"name": {"full": "Bo"}, "uid": "bo,1"})["id"]
    contacts.create({"name": {"full": "Cy"}})
    relate(contacts, anna, bo, "friend")
    relate(contacts, anna, bo, "co-worker")
    relate(contacts, bo, anna, "spouse", note='since 2019;\n"yes"')
    before = ties(contacts)
    written = exported(contacts, name)
    there = contacts.of(other_workspace)
    assert there.upload(written, MEDIA_TYPES[name])["counts"]["created"] == 3
    assert ties(there) == before
    assert [item["raw"] for item in there.all()] == [[], [], []]
    for client in (there, contacts):
        as_it_was = client.all()
        again = client.upload(written, MEDIA_TYPES[name])
        assert again["counts"]["unchanged"] == 3
        assert [row.get("reason") for row in again["results"]] == [None] * 3
        assert (client.all(), ties(client)) == (as_it_was, before)
    assert exported(there, name).count(b"00000000-0000") == written.count(b"00000000-0000")


def test_the_other_one_may_come_in_a_later_chunk(contacts: ContactsClient) -> None:
    """Whoever is not there yet is found at the end, and nothing waits any more."""
    between = "".join(vcard(f"FN:Person {n}", f"UID:u{n}") for n in range(CHUNK_ROWS))
    found = contacts.upload(vcard("FN:Anna", "UID:anna", FRIEND) + between + vcard(*BO))
    assert found["counts"]["created"] == CHUNK_ROWS + 2
    assert found["results"][0].get("reason") is None
    (anna,) = (item for item in contacts.all() if item["uid"] == "anna")
    assert anna["raw"] == []
    answer = contacts.client.get(f"{CONTACTS}/{anna['id']}/relationships", headers=contacts.headers)
    assert answer.json is not None
    assert [item["type"] for item in answer.json["items"]] == ["friend"]
    undone = undo(contacts, found["id"])
    assert (undone["deleted"], undone["kept"]) == (CHUNK_ROWS + 2, 0)


def test_who_is_nobody_stays_as_it_was_said(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Also contacts of other workspaces are nobody here; what no field says is kept, too."""
    contacts.of(other_workspace).upload(vcard(*BO))
    lines = [FRIEND, "RELATED;TYPE=X-boss:urn:uuid:1", "RELATED;VALUE=text;TYPE=friend:Cy"]
    card = vcard("FN:Anna", "UID:anna", *lines, "RELATED;TYPE=me:anna")
    found = contacts.upload(card)
    assert "not here" in found["results"][0]["reason"]
    (anna,) = contacts.all()
    assert [item["name"] for item in anna["raw"]] == ["RELATED"] * 4
    written = exported(contacts, "contacts-vcard")
    assert all(line.encode() in written for line in lines)
    assert contacts.upload(card)["counts"]["unchanged"] == 1
    assert ties(contacts) == set()
    assert contacts.upload(vcard(*BO) + card)["counts"]["created"] == 1
    assert ties(contacts) == {("Anna", "Bo", "friend", None)}


@pytest.mark.parametrize(
    ("note", "raw", "expected"),
    [
        ("n" * MAX_TEXT, [], {("Anna", "Bo", "friend", "n" * MAX_TEXT)}),
        ("n" * (MAX_TEXT + 1), ["RELATED"], set[Tie]()),
        (" ", [], {("Anna", "Bo", "friend", None)}),
        ("", [], {("Anna", "Bo", "friend", None)}),
    ],
    ids=["longest", "too long", "blank", "empty"],
)
def test_a_note_is_one_that_a_relationship_may_have(
    contacts: ContactsClient, note: str, raw: list[str], expected: set[Tie]
) -> None:
    """A longer one stays where it was, and one that says nothing is none."""
    said = FRIEND.replace(":", f';X-MEISHI-NOTE="{note}":', 1)
    contacts.upload(vcard(*BO) + vcard("FN:Anna", "UID:anna", said))
    (anna,) = (item for item in contacts.all() if item["uid"] == "anna")
    assert [item["name"] for item in anna["raw"]] == raw
    assert ties(contacts) == expected


def test_an_undo_takes_relationships_back(contacts: ContactsClient) -> None:
    """Those that the import made, also between contacts that were there; others stay."""
    contacts.upload(vcard("FN:Anna", "UID:anna") + vcard(*BO) + vcard("FN:Cy", "UID:cy"))
    anna, bo, cy = (item["id"] for item in contacts.all())
    relate(contacts, bo, cy, "kin")
    done = contacts.upload(
        vcard("FN:Anna", "UID:anna", FRIEND)
        + vcard("FN:Di", "UID:di", FRIEND)
        + vcard(*BO, "RELATED;TYPE=kin,met:cy")
    )
    assert ties(contacts) == {
        ("Anna", "Bo", "friend", None), ("Di", "Bo", "friend", None),
        ("Bo", "Cy", "kin", None), ("Bo", "Cy", "met", None),
    }  # fmt: skip
    undone = undo(contacts, done["id"])
    assert (undone["deleted"], undone["kept"]) == (1, 0)
    assert [item["id"] for item in contacts.all()] == [anna, bo, cy]
    assert ties(contacts) == {("Bo", "Cy", "kin", None)}


@pytest.mark.inside
def test_who_is_related_is_held_in_the_order_of_all_who_change_many(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """An import that waits for somebody whom another one holds does not hold up that one."""
    contacts.upload(vcard("FN:Anna", "UID:anna") + vcard(*BO))
    anna, bo = (UUID(item["id"]) for item in contacts.all())
    card = vcard(*BO, "TITLE:Chef", "RELATED;TYPE=friend:anna").encode()

    def come_in() -> CardStatus:
        with workspace.acting_as("crm_contacts"):
            (outcome,) = service(Contacts).import_cards(
                (SourceCard(index=0, line=1, content=card),)
            )
            return outcome.status

    with workspace.acting_as("crm_contacts"):
        merges.hold_all([anna])
        coming = begun(come_in)
        assert not coming.done()
        execute(
            "SELECT id FROM crm_contacts.contact WHERE id = %(id)s FOR UPDATE NOWAIT", {"id": bo}
        )
    assert coming.result() is CardStatus.UPDATED
    assert ties(contacts) == {("Bo", "Anna", "friend", None)}
