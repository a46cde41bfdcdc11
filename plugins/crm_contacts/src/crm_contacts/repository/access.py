"""Whether who acts may write contacts that they see, and decide who sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_contacts.contract import ContactNotFound, ContactReadOnly
from crm_contacts.repository import sharing
from crm_contacts.sharing_rules import Kept
from meishi.sdk.context import current_actor

#: Who has it sees all contacts, and decides about them.
OVERSEE = "contacts.oversee"


def oversees() -> bool:
    """Whether who acts sees all contacts."""
    actor = current_actor()
    return actor.is_system or OVERSEE in actor.permissions


def hidden(contact_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of some contacts that are kept from who acts, deleted ones too, in order."""
    asked = sorted({*contact_ids})
    return sharing.hidden(asked) if asked and not oversees() else []


def check_writable(contact_ids: Sequence[UUID]) -> None:
    """Raise `ContactReadOnly` if one of them is shared with who acts for reading alone."""
    for contact_id in read_only(contact_ids):
        raise _read_only(contact_id)


def read_only(contact_ids: Sequence[UUID]) -> set[UUID]:
    """Return which contacts, deleted ones too, are shared with who acts for reading alone."""
    return {kept.contact_id for kept in sharing.of_any(contact_ids) if not _writes(kept)}


def refusal(contact_id: UUID) -> ContactNotFound | ContactReadOnly:
    """Return what somebody is told who found no such contact to write."""
    kept = sharing.get(contact_id)
    if kept is None or _writes(kept):
        return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    return _read_only(contact_id)


def decides(kept: Kept) -> bool:
    """Whether who acts decides whose a contact is, and who sees it."""
    if oversees():
        return True
    if kept.owner_id is None:
        return kept.readers is None
    return kept.owner_id == current_actor().user_id


def _writes(kept: Kept) -> bool:
    return kept.writers is None or oversees() or current_actor().user_id in kept.writers


def _read_only(contact_id: UUID) -> ContactReadOnly:
    return ContactReadOnly(f"The contact {contact_id} is shared with you for reading.")
