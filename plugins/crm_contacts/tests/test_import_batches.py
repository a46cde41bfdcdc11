"""Imports in batches, one after another and beside other writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    Contact,
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

from .conftest import EventLog, vcard

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
            settings={"default_region": None},
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
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
