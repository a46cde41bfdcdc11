"""The one place from which contacts are changed: what was found is written, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm_contacts.contract import (
    ChangeSource,
    Contact,
    ContactChanges,
    ContactNotFound,
    ContactReadOnly,
    Contacts,
    ContactUidTaken,
    InvalidContact,
    PersonSuppressed,
)
from crm_enrichment.contact_changes import with_values
from crm_enrichment.contract import CONTACT_FIELDS, Field, FieldTaken
from crm_enrichment.policy import Candidate
from meishi.sdk.context import service
from meishi.sdk.contract import EventVetoed, VersionMismatch

#: What a contact says against a change; that it has just changed is another matter.
REFUSALS = (
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    InvalidContact,
    PersonSuppressed,
    EventVetoed,
)


def contact_of(contact_id: UUID) -> Contact:
    """Return a contact as it is now; raise `FieldTaken` if it is gone."""
    found = service(Contacts).find((contact_id,))
    if not found:
        raise FieldTaken(f"The contact {contact_id} is not there any more.")
    return found[0]


def change(contact: Contact, changes: ContactChanges, source_id: UUID | None) -> None:
    """Change a contact if nobody else has since; raise `FieldTaken` if it refuses.

    `source_id` is the proposal or the run that it comes from, as its history tells.
    """
    try:
        service(Contacts).update(
            contact.id,
            changes,
            versions=(contact.version,),
            source=ChangeSource.ENRICHMENT,
            source_id=source_id,
        )
    except REFUSALS as error:
        raise FieldTaken(f"The contact does not take that: {error.detail}") from error


def write_sure(contact: Contact, candidates: Sequence[Candidate], run_id: UUID | None) -> bool:
    """Write what is sure enough into the contact's own fields; return whether it took that.

    Whoever has changed it just now comes first: what was found then waits for a decision.
    """
    values: list[tuple[Field, str]] = [
        (item.finding.field, item.finding.value)
        for item in candidates
        if item.finding.field in CONTACT_FIELDS
    ]
    if not values:
        return True
    try:
        change(contact, with_values(contact, values), run_id)
    except (FieldTaken, VersionMismatch):
        return False
    return True
