"""Relationships in cards to contacts that who brings them may read, and not write."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

from .colleagues import Colleague, Colleagues
from .conftest import vcard
from .test_exports import exported
from .test_import_undos import undo
from .test_related_in_files import relate, ties


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


@pytest.fixture
def alice(people: Colleagues) -> Colleague:
    """Whose contact is shared."""
    return people.add("Alice")


@pytest.fixture
def bob(people: Colleagues) -> Colleague:
    """Who may read it."""
    return people.add("Bob")


def shared(alice: Colleague, bob: Colleague) -> str:
    """Return a contact of Alice's that Bob may read."""
    bo = alice.contacts.create({"name": {"full": "Bo"}, "uid": "bo"})["id"]
    alice.share(bo, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    return str(bo)


def test_the_words_stay_also_where_the_other_comes_along(alice: Colleague, bob: Colleague) -> None:
    """Nobody is related to whom they may not write, and what the card says is kept and told."""
    shared(alice, bob)
    found = bob.contacts.upload(
        vcard("FN:Bo", "UID:bo") + vcard("FN:Cy", "UID:cy", "RELATED;TYPE=friend:bo")
    )
    assert [row["status"] for row in found["results"]] == ["unchanged", "created"]
    (cy,) = (item for item in bob.contacts.all() if item["uid"] == "cy")
    assert [item["value"] for item in cy["raw"]] == ["bo"]
    assert "kept as a raw property" in found["results"][1]["reason"]
    assert ties(bob.contacts) == set()


@pytest.mark.parametrize("form", ["contacts-vcard", "contacts-vcard3", "contacts-jscontact"])
def test_what_is_related_already_comes_again_unchanged(
    alice: Colleague, bob: Colleague, form: str
) -> None:
    """Whoever exports contacts and imports them again changes none, in either direction."""
    bo = shared(alice, bob)
    cy = alice.contacts.create({"name": {"full": "Cy"}, "uid": "cy"})["id"]
    relate(alice.contacts, cy, bo, "friend")
    relate(alice.contacts, bo, cy, "kin")
    written = exported(bob.contacts, form)
    before = bob.contacts.all()
    media_type = "application/jscontact+json" if "js" in form else "text/vcard"
    found = bob.contacts.upload(written, media_type)
    assert found["counts"]["unchanged"] == 2, found
    assert bob.contacts.all() == before
    if "js" not in form:
        one = b"BEGIN" + written.split(b"BEGIN")[2]
        assert bob.contacts.upload(one)["counts"]["unchanged"] == 1
        assert bob.contacts.all() == before


def test_who_undoes_takes_none_away_from_whom_they_may_not_write(
    alice: Colleague, bob: Colleague
) -> None:
    """A relationship that an import made stays with a contact that is kept."""
    done = alice.contacts.upload(
        vcard("FN:Bo", "UID:bo") + vcard("FN:Cy", "UID:cy", "RELATED;TYPE=friend:bo")
    )
    for item in alice.contacts.all():
        alice.share(item["id"], shared_with=[{"user_id": bob.user_id, "access": "read"}])
    undo(bob.contacts, done["id"])
    assert ties(alice.contacts) == {("Cy", "Bo", "friend", None)}
