"""Imports that somebody takes back who does not see, or may not write, all that came with them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

from .colleagues import Colleague, Colleagues
from .conftest import vcard
from .test_import_undos import get, undo


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


def kept(who: Colleague, import_id: str) -> dict[str, Any]:
    """Return what stayed, as somebody is told: name, reason and fields, by contact."""
    page = get(who.contacts, f"/api/v1/contacts/imports/{import_id}/undo/kept?limit=200")
    return {
        item["contact_id"]: (item["name"], item["reason"], item["fields"]) for item in page["items"]
    }


def test_what_is_kept_from_who_undoes_stays_and_is_told(people: Colleagues, app: Flask) -> None:
    """Without its name; what they may read only stays as it is, and all else is taken back."""
    alice, bob = people.add("Alice"), people.add("Bob")
    known, read = (
        alice.contacts.create({"name": {"full": name}, "uid": name})["id"]
        for name in ("Known", "Read")
    )
    names = ("Known", "Read", "Hidden", "Shown", "Open")
    cards = (vcard(f"FN:{name}", f"UID:{name}", "TITLE:Chef") for name in names)
    found = alice.contacts.upload("".join(cards))["id"]
    ids = {item["name"]["full"]: item["id"] for item in alice.contacts.all()}
    alice.share(known)
    alice.share(ids["Hidden"])
    for shown in (read, ids["Shown"]):
        alice.share(shown, shared_with=[{"user_id": bob.user_id, "access": "read"}])

    done = undo(bob.contacts, found)
    assert (done["done"], done["total"]) == (5, 5)
    assert [done[name] for name in ("deleted", "reverted", "gone", "kept")] == [1, 0, 0, 4]
    assert sorted(alice.names()) == ["Hidden", "Known", "Read", "Shown"]
    assert {item["title"] for item in alice.contacts.all()} == {"Chef"}
    told = {
        known: (None, "private", ["title"]),
        read: ("Read", "private", ["title"]),
        ids["Hidden"]: (None, "private", []),
        ids["Shown"]: ("Shown", "private", []),
    }
    assert kept(bob, found) == told
    assert kept(alice, found)[known] == ("Known", "private", ["title"])
    page = people.browser(bob, app).get(f"/contacts/import/{found}").text
    assert "Private, and not theirs to write who undid it" in page
    assert "Hidden" not in page.partition("What stays")[2]


def test_relationships_with_private_contacts_keep_what_came_in(people: Colleagues) -> None:
    """What was added to a contact counts, though who undoes the import does not see it."""
    alice, bob = people.add("Alice"), people.add("Bob")
    found = alice.contacts.upload(vcard("FN:Open", "UID:open"))["id"]
    (item,) = alice.contacts.all()
    friend = alice.contacts.create({"name": {"full": "Friend"}})["id"]
    related = {"target_id": friend, "type": "friend"}
    alice.json("POST", f"/{item['id']}/relationships", json=related)
    alice.share(friend)
    assert undo(bob.contacts, found)["deleted"] == 0
    assert kept(bob, found) == {item["id"]: ("Open", "changed", ["relationships"])}
