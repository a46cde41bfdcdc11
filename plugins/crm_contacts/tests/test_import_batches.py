"""Imports in batches, one after another and beside other writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    Contact,
    ContactChanges,
    ContactDraft,
    Contacts,
    ContactUidTaken,
    Email,
    Name,
    SourceCard,
)
from crm_contacts.importing import as_draft
from crm_contacts.service import ContactService
from crm_contacts.validation import MAX_RAW_VALUES
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import EventLog, vcard

#: Batches are put together by the service itself, in units of work of its own.
pytestmark = pytest.mark.inside

LINES = st.sampled_from(
    [
        *("UID:1", "UID:2", "UID:3", "N:L;Ada", "N:;Bob", "TITLE:t", "TITLE:u", "NOTE:n"),
        *("EMAIL:a@b", "EMAIL;PREF:A@B", "EMAIL;HOME:c@d", "TEL:1", "TEL;PREF;WORK:(1)", "TEL:1,2"),
        *("item1.TEL:1", "item1.X-ABLabel:x", "item1.X-ABDATE:1", "item1.X-ABDATE:2"),
        *("ORG:X", "ORG:X;Y", "ORG:;Z", "KIND:org", "BDAY:--0404", "X-ID:1", "ADR:;;S"),
    ]
)
BOOKS = st.lists(
    st.builds(
        lambda name, lines: vcard(name, *lines),
        st.sampled_from(["FN:Ada", "FN:ADA", "FN:Bob"]),
        st.lists(LINES, max_size=3),
    ),
    min_size=2,
    max_size=7,
)
#: Who waits for the table of contents and UIDs.
WAITING = """
    SELECT FROM pg_locks
    WHERE relation = 'crm_contacts.fingerprint'::regclass AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
CUTS = st.sets(st.integers(min_value=1, max_value=6))


class _Undone(Exception):
    """Nothing of this example is to stay."""


@contextmanager
def undone(workspace: WorkspaceUnderTest) -> Iterator[None]:
    """Run a block as the plugin's code and undo what it wrote."""
    try:
        with workspace.acting_as("crm_contacts"):
            yield
            raise _Undone
    except _Undone:
        return


def sources(*cards: str) -> tuple[SourceCard, ...]:
    """Return cards as the import takes them."""
    return tuple(
        SourceCard(index=place, line=1, content=card.encode()) for place, card in enumerate(cards)
    )


def contact_service(new_id: Callable[[], UUID] = uuid7) -> ContactService:
    """Return the service itself, which works in the unit of work of its caller."""
    return ContactService(
        PluginContext(
            plugin="crm_contacts",
            settings={},
            clock=lambda: datetime.now(UTC),
            new_id=new_id,
            public_url="https://cards.example",
        )
    )


def imported(book: list[str], cuts: set[int]) -> list[CardOutcome]:
    """Import cards in batches that end at the cuts."""
    borders = [0, *sorted(cut for cut in cuts if cut < len(book)), len(book)]
    batches = pairwise(borders)
    return [
        outcome
        for start, end in batches
        for outcome in contact_service().import_cards(sources(*book[start:end]))
    ]


def stored() -> tuple[Contact, ...]:
    """Return all contacts."""
    return contact_service().list(limit=200).items


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(BOOKS, CUTS, CUTS)
def test_batches_make_no_difference_and_a_second_import_none_at_all(
    workspace: WorkspaceUnderTest, book: list[str], cuts: set[int], other_cuts: set[int]
) -> None:
    """The contacts are the same wherever the batches end, and again when all comes in again."""
    with undone(workspace):
        at_once = imported(book, set())
        whole = [as_draft(contact) for contact in stored()]
    with undone(workspace):
        first = imported(book, cuts)
        contacts = stored()
        assert [as_draft(contact) for contact in contacts] == whole
        assert [item.status for item in first] == [item.status for item in at_once]
        again = imported(book, other_cuts)
        assert stored() == contacts
        assert [item.contact_id for item in again] == [item.contact_id for item in first]


def test_uid_of_a_copy_is_known_ever_after(
    workspace: WorkspaceUnderTest, event_log: EventLog
) -> None:
    """A UID that came with a card of the same content stands for that contact, too."""
    with workspace.acting_as("crm_contacts"):
        imported([vcard("FN:Ada", "UID:1"), vcard("FN:Ada", "UID:2")], {1})
    with workspace.acting_as("crm_contacts"):
        (outcome,) = imported([vcard("FN:Ada", "UID:2", "TITLE:t")], set())
        (contact,) = stored()
    assert (outcome.status, outcome.contact_id) == (CardStatus.UPDATED, contact.id)
    assert [kind for kind, _, _ in event_log.contact_events()] == [
        *("contact.created.v1", "contact.updated.v1", "contact.updated.v1"),
    ]


def test_many_changed_contacts_are_each_written_whole(workspace: WorkspaceUnderTest) -> None:
    """One batch that changes many contacts gives each what is its own."""
    people = [[f"UID:{n}", f"FN:Person {n}", f"EMAIL:{n}@x", f"TEL:{n}"] for n in range(20)]
    with workspace.acting_as("crm_contacts"):
        imported([vcard(*lines) for lines in people], set())
        imported([vcard(*lines, f"EMAIL:{lines[0][4:]}@y", "ORG:X") for lines in people], set())
        contacts = stored()
    assert {contact.version for contact in contacts} == {2}
    assert [
        (contact.name.full, [item.address for item in contact.emails], len(contact.phones))
        for contact in contacts
    ] == [(f"Person {n}", [f"{n}@x", f"{n}@y"], 1) for n in range(20)]


def test_refusal_says_why_a_card_was_taken_for_a_copy(workspace: WorkspaceUnderTest) -> None:
    """Its reason names the UID or the content, whichever matched."""
    full = [f"X-ETAG:{n}" for n in range(MAX_RAW_VALUES)]
    with workspace.acting_as("crm_contacts"):
        imported([vcard("FN:Ada", "UID:1", *full)], set())
        same_uid, same_content = imported(
            [vcard("FN:A", "UID:1", "X-B:1"), vcard("FN:Ada", "X-ETAG:x")], set()
        )
    assert (
        same_uid.reason == "merged with the contact of the same UID, /raw: At most 2000 properties."
    )
    assert same_content.reason == same_uid.reason.replace("UID", "content")


def test_import_finds_what_is_created_beside_it(
    workspace: WorkspaceUnderTest, event_log: EventLog
) -> None:
    """A UID that somebody takes between look-up and writing makes a duplicate of its card."""
    created: list[UUID] = []

    def id_while_somebody_creates() -> UUID:
        if not created:
            with workspace.acting_as("crm_contacts"):
                draft = ContactDraft(name=Name(full="Ada"), uid="1")
                created.append(service(Contacts).create(draft).id)
        return uuid7()

    with workspace.acting_as("crm_contacts"):
        ada, bob = contact_service(id_while_somebody_creates).import_cards(
            sources(vcard("UID:1", "FN:Ada", "TITLE:t"), vcard("FN:Bob"))
        )
    assert (ada.status, ada.contact_id) == (CardStatus.UPDATED, created[0])
    assert bob.status is CardStatus.CREATED
    with workspace.acting_as("crm_contacts"):
        assert [contact.name.full for contact in stored()] == ["Ada", "Bob"]
    assert [(kind, subject) for kind, subject, _ in event_log.contact_events()] == [
        ("contact.created.v1", str(created[0])),
        ("contact.created.v1", str(bob.contact_id)),
        ("contact.updated.v1", str(created[0])),
    ]


def delete_first() -> None:
    """Delete the contact with the UID 0."""
    service(Contacts).delete(next(item.id for item in stored() if item.uid == "0"))


def change_first() -> None:
    """Change the contact with the UID 0."""
    first = next(item.id for item in stored() if item.uid == "0")
    service(Contacts).update(first, ContactChanges(note="beside"))


@pytest.mark.parametrize(
    ("meanwhile", "status", "note"),
    [(delete_first, CardStatus.CREATED, None), (change_first, CardStatus.UPDATED, "beside")],
)
def test_import_of_many_changes_finds_what_happens_beside_it(
    workspace: WorkspaceUnderTest,
    meanwhile: Callable[[], None],
    status: CardStatus,
    note: str | None,
) -> None:
    """What is deleted or changed between look-up and bulk writing is neither revived nor lost."""
    people = [vcard(f"UID:{n}", f"FN:Person {n}") for n in range(60)]
    more = [vcard(f"UID:{n}", f"FN:Person {n}", "TITLE:t") for n in range(60)]
    done: list[bool] = []

    def id_while_somebody_writes() -> UUID:
        if not done:
            done.append(True)
            with workspace.acting_as("crm_contacts"):
                meanwhile()
        return uuid7()

    with workspace.acting_as("crm_contacts"):
        imported(people, set())
        old = {item.uid: item.id for item in stored()}
    with workspace.acting_as("crm_contacts"):
        outcomes = contact_service(id_while_somebody_writes).import_cards(
            sources(*more, vcard("FN:New"))
        )
    assert [item.status for item in outcomes] == [
        *(status, *[CardStatus.UPDATED] * 59, CardStatus.CREATED)
    ]
    assert (outcomes[0].contact_id == old["0"]) == (status is CardStatus.UPDATED)
    with workspace.acting_as("crm_contacts"):
        first = next(item for item in stored() if item.uid == "0")
    assert (first.id, first.title, first.note) == (outcomes[0].contact_id, "t", note)


def test_contact_that_is_deleted_during_the_look_up_is_unknown(
    workspace: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """A contact that goes after its UID was found, and before it is read, is created anew."""
    with workspace.acting_as("crm_contacts"):
        (old,) = imported([vcard("FN:Ada", "UID:1")], set())
    assert old.contact_id is not None

    def import_again() -> CardOutcome:
        with workspace.acting_as("crm_contacts"):
            return imported([vcard("FN:Ada", "UID:1", "TITLE:t")], set())[0]

    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as admin, ThreadPoolExecutor(1) as pool:
        # The UIDs are looked up in another table, before the contents in this one.
        admin.execute("LOCK TABLE crm_contacts.fingerprint IN ACCESS EXCLUSIVE MODE")
        again = pool.submit(import_again)
        while not admin.execute(WAITING).fetchall():
            assert not again.done()
        with workspace.acting_as("crm_contacts"):
            service(Contacts).delete(old.contact_id)
        admin.rollback()
        outcome = again.result()
    assert outcome.status is CardStatus.CREATED
    assert outcome.contact_id != old.contact_id


def test_deleted_contact_is_created_anew_and_then_known(workspace: WorkspaceUnderTest) -> None:
    """Neither the content nor the UID of a deleted contact stands for it, but for the new one."""
    cards = [vcard("FN:Ada"), vcard("FN:Bob", "UID:2")]
    with workspace.acting_as("crm_contacts"):
        old = imported(cards, set())
    with workspace.acting_as("crm_contacts"):
        for item in stored():
            service(Contacts).delete(item.id)
    with workspace.acting_as("crm_contacts"):
        new = imported(cards, set())
        again = imported(cards, set())
    assert [item.status for item in new] == [CardStatus.CREATED] * 2
    assert {item.contact_id for item in new}.isdisjoint(item.contact_id for item in old)
    assert [(item.status, item.contact_id) for item in again] == [
        (CardStatus.UNCHANGED, item.contact_id) for item in new
    ]


@pytest.mark.parametrize("cuts", [set(), {1}, {2}, {1, 2}])
def test_merged_contact_is_known_by_all_that_it_says(
    workspace: WorkspaceUnderTest, cuts: set[int]
) -> None:
    """A card with the content that merging made, and without UID, is a copy."""
    book = [
        vcard("FN:Ada", "UID:1", "EMAIL:a@b"),
        vcard("FN:Ada", "UID:1", "TEL:1"),
        vcard("FN:Ada", "EMAIL:a@b", "TEL:1"),
    ]
    with workspace.acting_as("crm_contacts"):
        outcomes = imported(book, cuts)
    assert [item.status for item in outcomes] == [
        *(CardStatus.CREATED, CardStatus.UPDATED, CardStatus.UNCHANGED)
    ]
    assert len({item.contact_id for item in outcomes}) == 1


def test_content_stands_for_the_contact_that_had_it_first(workspace: WorkspaceUnderTest) -> None:
    """An equal contact that is created later does not take the copies of the first."""
    draft = ContactDraft(name=Name(full="Ada"))
    with workspace.acting_as("crm_contacts"):
        first, _ = service(Contacts).create(draft), service(Contacts).create(draft)
    with workspace.acting_as("crm_contacts"):
        (outcome,) = imported([vcard("FN:Ada")], set())
    assert (outcome.status, outcome.contact_id) == (CardStatus.UNCHANGED, first.id)


def test_creation_does_not_wait_for_an_import(workspace: WorkspaceUnderTest) -> None:
    """While an import is under way elsewhere, a contact with a UID of its own is created."""
    draft = ContactDraft(name=Name(full="Bob"), uid="2")
    with workspace.acting_as("crm_contacts"):
        imported([vcard("FN:Ada", "UID:1")], set())
        with workspace.acting_as("crm_contacts"):
            assert service(Contacts).create(draft).uid == "2"


def test_taken_uid_spoils_nothing_of_the_same_unit_of_work(workspace: WorkspaceUnderTest) -> None:
    """Who catches the conflict can go on and store something else."""
    draft = ContactDraft(name=Name(full="Ada"), uid="1", emails=(Email(address="a@b"),))
    with workspace.acting_as("crm_contacts"):
        service(Contacts).create(draft)
        with pytest.raises(ContactUidTaken):
            service(Contacts).create(draft)
        service(Contacts).create(replace(draft, uid="2"))
    with workspace.acting_as("crm_contacts"):
        assert [contact.uid for contact in stored()] == ["1", "2"]
