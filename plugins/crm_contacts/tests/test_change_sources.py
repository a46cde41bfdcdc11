"""Who listens to changes can tell what somebody typed from what came in otherwise."""

from __future__ import annotations

from uuid import UUID, uuid4

from crm_contacts.contract import (
    CardStatus,
    ChangeSource,
    ContactChanges,
    ContactDraft,
    Contacts,
    ContactUpdated,
    Name,
    SourceCard,
)
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents


def _add(full: str, *, uid: str | None = None, title: str | None = None) -> UUID:
    draft = ContactDraft(name=Name(full=full), uid=uid, title=title)
    return service(Contacts).create(draft).id


def _sources(published: PublishedEvents) -> list[ChangeSource]:
    return [event.source for event in published() if isinstance(event, ContactUpdated)]


def _card(*lines: str) -> SourceCard:
    content = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"])
    return SourceCard(index=0, line=1, content=content.encode())


def test_a_change_says_who_found_the_value(
    workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """Unless something else is said, somebody typed it."""
    found = ChangeSource.ENRICHMENT
    with workspace.acting_as("crm_contacts"):
        anna = _add("Anna Ek")
        service(Contacts).update(anna, ContactChanges(title="Architect"))
        service(Contacts).update(anna, ContactChanges(role="Lead"), source=found)
    assert _sources(published_events) == [ChangeSource.USER, found]


def test_what_an_import_or_a_merge_adds_was_typed_by_nobody(
    workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """Both change contacts, and neither is a correction by hand."""
    with workspace.acting_as("crm_contacts"):
        anna, twin = _add("Anna Ek", uid="urn:anna"), _add("Anna Ek", title="Architect")
        card = _card("FN:Anna Ek", "UID:urn:anna", "ROLE:Lead")
        [outcome] = service(Contacts).import_cards((card,))
        assert outcome.status is CardStatus.UPDATED
        service(Contacts).merge(anna, (twin,))
    assert _sources(published_events) == [ChangeSource.IMPORT, ChangeSource.MERGE]


def test_many_contacts_are_found_at_once(workspace: WorkspaceUnderTest) -> None:
    """Those that are deleted, unknown or asked for twice make no difference."""
    with workspace.acting_as("crm_contacts"):
        anna, ben, gone = _add("Anna"), _add("Ben"), _add("Gone")
        service(Contacts).delete(gone)
        found = service(Contacts).find((ben, anna, gone, uuid4(), anna))
        assert {contact.id: contact.name.full for contact in found} == {anna: "Anna", ben: "Ben"}
        assert service(Contacts).find(()) == ()
