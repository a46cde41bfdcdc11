"""Contacts whose tags change many at once: what they were called before, and are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import ChangeAction
from crm_contacts.field_values import Difference
from crm_contacts.repository import attached_words, tagged
from crm_contacts.repository.recording import BY_HAND, Change, Origin, Recorder
from crm_contacts.words import TAG

_TAGS = "tags"


@contextmanager
def retagged(
    contact_ids: Sequence[UUID],
    at: datetime,
    new_id: Callable[[], UUID],
    origin: Origin = BY_HAND,
) -> Iterator[list[UUID]]:
    """Record what the block does to the tags of contacts that are held, and let them be found.

    The block adds to the list those of them that got another version.
    """
    before = tagged.names(contact_ids)
    changed: list[UUID] = []
    yield changed
    after = tagged.names(changed)
    attached_words.put(TAG, after)
    Recorder(new_id).record(
        [
            Change(
                contact_id,
                ChangeAction.UPDATED,
                differences=_difference(before[contact_id], after[contact_id]),
                names=(_TAGS,),
            )
            for contact_id in changed
        ],
        at,
        origin,
    )


def _difference(before: list[str], after: list[str]) -> tuple[Difference, ...]:
    return () if before == after else (Difference(_TAGS, before, after),)
