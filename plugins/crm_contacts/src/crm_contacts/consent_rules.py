"""Whose word counts when contacts become one, and when they turn out to be two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import Consent, ConsentOrigin, ConsentState

#: The strictest first: who is not known to have agreed is not written to.
_STRICTNESS = (ConsentState.DENIED, ConsentState.UNKNOWN, ConsentState.GRANTED)


@dataclass(frozen=True, slots=True)
class Merged:
    """A contact that is merged into another one: when, and what it has said to a channel.

    Nothing is known of who was erased since; what they had said is in the records of the other.
    """

    contact_id: UUID
    at: datetime | None
    said: Consent


def strictest(said: Iterable[Consent]) -> Consent:
    """Return the strictest of some records, the first of those that are as strict."""
    return min(said, key=lambda item: _STRICTNESS.index(item.state))


def own_record(records: Sequence[Consent], nothing: Consent) -> Consent:
    """Return what somebody has recorded last of a contact, whatever merges brought."""
    own = [item for item in records if item.origin is ConsentOrigin.RECORDED]
    return own[-1] if own else nothing


def brought(records: Sequence[Consent], source_id: UUID) -> int:
    """Return the version at which a merge brought what a contact had said; 0 if it did not."""
    return max(
        (
            item.version
            for item in records
            if item.origin is ConsentOrigin.MERGE and item.other_id == source_id
        ),
        default=0,
    )


def as_if_never(
    records: Sequence[Consent], nothing: Consent, others: Iterable[Merged], erased: set[UUID]
) -> Consent:
    """Return what would count of a channel if only the others were merged into a contact.

    What somebody has recorded last is where it begins; those that were merged before are no
    matter any more. `erased` are those of the others of whom only what a merge brought is known.
    """
    own = own_record(records, nothing)
    later = [
        item.said
        for item in others
        if item.contact_id not in erased
        and (
            own.recorded_at is None
            or (item.at is not None and item.at >= own.recorded_at)
            or brought(records, item.contact_id) > own.version
        )
    ]
    kept = [
        item
        for item in records
        if item.origin is ConsentOrigin.MERGE
        and item.version > own.version
        and item.other_id in erased
    ]
    return strictest([own, *later, *kept])
