"""Merging: one contact takes what others say, and these are deleted."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from uuid import UUID

from crm_contacts.contract import (
    Contact,
    ContactDraft,
    ContactNotFound,
    ContactsMerged,
    InvalidContact,
)
from crm_contacts.importing import as_draft
from crm_contacts.matching import merge_drafts
from crm_contacts.repository import merges, reading
from crm_contacts.repository import relationships as repository
from crm_contacts.service.relationships import publish_unrelated
from meishi.sdk.context import publish
from meishi.sdk.contract import VersionMismatch


def sources_of(stored: Contact, merged_ids: tuple[UUID, ...]) -> list[Contact]:
    """Return the contacts that are to be merged into one; raise if one is not there, or is it."""
    if not merged_ids or stored.id in merged_ids:
        raise InvalidContact("Name other contacts that are to be merged into this one.")
    found = {contact.id: contact for contact in reading.get_many(list(merged_ids))}
    for contact_id in merged_ids:
        if contact_id not in found:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    return [found[contact_id] for contact_id in dict.fromkeys(merged_ids)]


def united(stored: Contact, sources: list[Contact]) -> ContactDraft:
    """Return what a contact says with what the others add, in their order."""
    return reduce(merge_drafts, map(as_draft, sources), as_draft(stored))


def close(stored: Contact, sources: list[Contact], at: datetime) -> None:
    """Delete the others as merged into the contact, and publish that they were."""
    versions = {source.id: source.version for source in sources}
    if not merges.close(versions, stored.id, at):
        raise VersionMismatch("One of the contacts has just been changed; try again.")
    if not merges.hold(stored.id):
        raise VersionMismatch(f"The contact {stored.id} has just been deleted; try again.")
    publish(ContactsMerged(contact_id=stored.id, merged_ids=merges.lead(versions, stored.id)))
    publish_unrelated(repository.move(list(versions), stored.id))
