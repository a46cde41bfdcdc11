"""The one place where a change of contacts is recorded and told of: its history and its event.

Whoever writes contacts hands over here what was done, in the transaction that does it, after the
rows are written. Nobody else publishes that a contact was created, updated, deleted or restored,
so that no event is without its row in `contact_change`, and no version either.

- A created contact is one row that names no values: they are what it says now, without what
  changed since.
- An updated one names the fields that differ, before and after.
- Deleted and restored ones name none. A contact that is merged away is deleted by a merge.

What is renamed or retyped in a workspace (a tag, a custom field) while a contact is deleted is no
change of that contact.

How to ask what came of an import, and whether that was changed since: `repository/origins.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import (
    ChangeAction,
    ChangeSource,
    ContactCreated,
    ContactDeleted,
    ContactDraft,
    ContactRestored,
    ContactUpdated,
)
from crm_contacts.field_values import FIELDS, Difference, differences
from crm_contacts.repository import history, tags
from crm_contacts.repository.history import Change, Origin
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import publish
from meishi.sdk.contract import Event

__all__ = [
    "BY_HAND",
    "Change",
    "GatheringRecorder",
    "Origin",
    "Recorder",
    "creation",
    "update",
]

#: What somebody does to one contact.
BY_HAND = Origin()

_TAGS = "tags"
#: As what events tell of sources that stand in histories alone.
_TOLD_AS = {
    ChangeSource.BULK_EDIT: ChangeSource.USER,
    ChangeSource.REVERT: ChangeSource.USER,
    ChangeSource.UNMERGE: ChangeSource.MERGE,
    ChangeSource.UNDO: ChangeSource.IMPORT,
}


class Recorder:
    """Records what was done to contacts, and publishes it."""

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id

    def record(self, changes: Sequence[Change], at: datetime, origin: Origin = BY_HAND) -> None:
        """Write the history of changes, each of another contact, and publish what they were."""
        if not changes:
            return
        found = [(self._new_id(), change) for change in _with_stored_tags(changes)]
        history.add(found, origin, at)
        publish(*_events(changes, origin.source))


class GatheringRecorder(Recorder):
    """Keeps what was done to contacts, each once, until it is written all together."""

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        super().__init__(new_id)
        self._kept: list[Change] = []

    def record(self, changes: Sequence[Change], at: datetime, origin: Origin = BY_HAND) -> None:
        """Keep changes, whose source and time are told at the end."""
        del at, origin
        self._kept += changes

    def write(self, at: datetime, origin: Origin) -> list[UUID]:
        """Record what was kept, and return the contacts that it is about."""
        kept, self._kept = self._kept, []
        super().record(kept, at, origin)
        return [change.contact_id for change in kept]


def creation(contact_id: UUID, draft: ContactDraft, row: int | None = None) -> Change:
    """Return that a contact came into being, from a row of an import if it did."""
    return Change(contact_id, ChangeAction.CREATED, names=_filled(draft), row=row)


def update(
    contact_id: UUID, before: ContactDraft, after: ContactDraft, row: int | None = None
) -> Change:
    """Return what changed about a contact."""
    names = tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))
    found = tuple(differences(before, after))
    return Change(contact_id, ChangeAction.UPDATED, differences=found, names=names, row=row)


def _filled(draft: ContactDraft) -> tuple[str, ...]:
    """Return the names of the fields that say something."""
    return tuple(name for name in FIELDS if getattr(draft, name))


def _with_stored_tags(changes: Sequence[Change]) -> Iterable[Change]:
    """Return changes with tags called, and in the order, as the contacts have them now."""
    names = {
        name
        for change in changes
        for item in change.differences
        if item.field == _TAGS
        for name in item.after
    }
    if not names:
        return changes
    known = {key: tag.name for key, tag in tags.known(names).items()}

    def stored(item: Difference) -> Difference:
        if item.field != _TAGS:
            return item
        keys = sorted({tag_key(name) for name in item.after} & known.keys())
        return replace(item, after=[known[key] for key in keys])

    return [
        replace(
            change,
            differences=tuple(
                found for found in map(stored, change.differences) if found.before != found.after
            ),
        )
        for change in changes
    ]


def _events(changes: Iterable[Change], source: ChangeSource) -> Iterator[Event]:
    told = _TOLD_AS.get(source, source)
    for change in changes:
        match change.action:
            case ChangeAction.CREATED:
                yield ContactCreated(contact_id=change.contact_id, fields=change.names)
            case ChangeAction.UPDATED:
                yield ContactUpdated(contact_id=change.contact_id, fields=change.names, source=told)
            case ChangeAction.RESTORED:
                yield ContactRestored(contact_id=change.contact_id)
            case ChangeAction.DELETED if source is not ChangeSource.MERGE:
                yield ContactDeleted(contact_id=change.contact_id)
