"""Deleted contacts that are to be gone for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crm_contacts.contract import (
    ContactErased,
    ContactNotDeleted,
    ContactNotFound,
    PurgeStep,
)
from crm_contacts.repository import (
    dry_runs,
    history_erasing,
    notes,
    people,
    purging,
    relationships,
    timeline,
    unused_words,
)
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.locking import lock_erasing
from crm_contacts.repository.merges import state_of
from crm_contacts.repository.relationship_events import publish_unrelated
from meishi.sdk.context import publish
from meishi.sdk.database import past_readers
from meishi.sdk.plugin import PluginContext

#: Contacts of a step, besides those that are merged into them.
_CHUNK = 100
#: Words of a step.
_WORDS = 1000


class PurgeService:
    """Implements `Purges`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._days: int | None = context.settings["purge_deleted_after_days"]

    def purge(self, contact_id: UUID) -> None:
        """Purge a deleted contact."""
        _check(contact_id)
        lock_erasing()
        held = purging.hold([contact_id])
        if not held:
            _check(contact_id)  # somebody has restored or purged it meanwhile
            raise _not_deleted(contact_id)
        _forget(held)

    def among(self, contact_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        """Return those of some contacts that can be purged."""
        return tuple(purging.among(contact_ids))

    def cutoff(self, days: int) -> datetime:
        """Return the moment that is some days ago."""
        return self._clock() - timedelta(days=days)

    def count(self, before: datetime) -> int:
        """Return how many contacts were deleted before a moment."""
        return purging.count(before)

    def purge_before(self, before: datetime) -> PurgeStep:
        """Purge the next contacts that were deleted before a moment."""
        if not purging.any_before(before):
            return PurgeStep(purged=0, more=False)
        lock_erasing()
        held = purging.hold_before(before, _CHUNK)
        _forget(held)
        return PurgeStep(purged=len(held), more=len(held) == _CHUNK)

    def purge_due(self) -> PurgeStep:
        """Purge the next contacts that were deleted long enough ago."""
        if self._days is None:
            return PurgeStep(purged=0, more=False)
        return self.purge_before(self.cutoff(self._days))

    def forget_words(self) -> PurgeStep:
        """Forget the next words that no contact has."""
        found = unused_words.find(_WORDS)[:_WORDS]
        if not found:
            return PurgeStep(purged=0, more=False)
        return PurgeStep(purged=unused_words.delete(found), more=len(found) == _WORDS)


def _check(contact_id: UUID) -> None:
    """Raise what tells why a contact is not purged, if that is so."""
    state = state_of(contact_id)
    if state is None or state.erased:
        raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    check_writable([contact_id])
    if not state.deleted:
        raise _not_deleted(contact_id)
    if state.merged_into is not None:
        raise ContactNotDeleted(
            f"The contact {contact_id} is merged into {state.merged_into}, and goes with that."
        )


def _forget(held: Sequence[UUID]) -> None:
    """Leave nothing of contacts, which are held, nor of what is merged into them."""
    if not held:
        return
    with past_readers():
        ids = [*held, *purging.hold_led(held)]
        erased = people.empty_contacts(ids)
        unrelated = relationships.erase(ids)
        notes.erase(ids)
        history_erasing.delete(ids)
        timeline.erase(ids)
        people.leave_bulk_edits(ids)
        dry_runs.remove_with(ids)
    publish(*(ContactErased(contact_id=contact_id) for contact_id in erased))
    publish_unrelated(unrelated)


def _not_deleted(contact_id: UUID) -> ContactNotDeleted:
    return ContactNotDeleted(f"The contact {contact_id} is not deleted: delete it first.")
