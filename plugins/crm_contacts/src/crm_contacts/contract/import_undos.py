"""Taking an import back: what came with it goes, and what people did since stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ImportNotFound
from crm_contacts.contract.import_errors import ImportUndoNotFound, ImportUndoRefused
from meishi.sdk.contract import command, query


class KeptReason(StrEnum):
    """Why something of an import stays although it is undone.

    `changed` by somebody since, `merged` into another contact since, `imported` by another file,
    too, `private`, so that who undid it does not see the contact or may only read it, or what was
    before `cannot` be any more: it was erased, or rules have changed.
    """

    CHANGED = "changed"
    MERGED = "merged"
    IMPORTED = "imported"
    PRIVATE = "private"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptContact:
    """A contact of an import that stays (`created`), or some fields of which stay as they are.

    `fields` are fields of `ContactDraft`, `custom.KEY`, or what people have added to the contact:
    `notes`, `relationships`, `lists`, `merges`, `consents`, `photo`. The `name` is that of now,
    None if it is gone, or kept from who asks.
    """

    contact_id: UUID
    name: str | None
    created: bool
    fields: tuple[str, ...]
    reason: KeptReason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """Kept contacts in order of their ids; `next_after` is None on the last page."""

    items: tuple[KeptContact, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUndo:
    """How far an undo has come, in contacts, and what it did.

    `deleted` are contacts that came with the import, `reverted` those that have again what they
    had; `gone` were deleted before. `kept` are those of which something stays.
    """

    import_id: UUID
    done: int
    total: int
    deleted: int
    reverted: int
    gone: int
    kept: int
    operation_id: UUID | None
    completed_at: datetime | None


class ImportUndos(Protocol):
    """Undos of imports of the current workspace."""

    @command(errors=(ImportNotFound, ImportUndoRefused))
    def start(self, import_id: UUID) -> UUID:
        """Have a worker undo an import, and return the operation.

        One that was cancelled goes on where it stopped; what is undone already stays so. An import
        that was stopped halfway does not go on after that.

        :raises ImportUndoRefused: while the import is running, before it, or if nothing is known
            of its contacts: it came in before histories were kept, or they are all erased
        """
        ...

    @command(errors=(ImportNotFound, ImportUndoRefused))
    def begin(self, import_id: UUID) -> None:
        """Note that an import is to be undone, by whoever calls `step` until its end.

        One that somebody is at, or that has ended, stays as it is.

        :raises ImportUndoRefused: as `start` does
        """
        ...

    @command(errors=(ImportNotFound, ImportUndoNotFound))
    def step(self, import_id: UUID) -> ImportUndo:
        """Go on with an undo by some hundred contacts; all of them, or none.

        Contacts that the import created and that nobody touched are deleted: `contact.deleted.v1`.
        Others get back what they had, field by field, unless it was changed since:
        `contact.updated.v1`. What who acts does not see, or may only read, stays as it is.
        """
        ...

    @query(errors=(ImportNotFound, ImportUndoNotFound))
    def get(self, import_id: UUID) -> ImportUndo:
        """Return the undo of an import."""
        ...

    @query(errors=(ImportNotFound, ImportUndoNotFound))
    def kept(self, import_id: UUID, *, after: UUID | None = None, limit: int = 50) -> KeptPage:
        """Return what stayed, from behind the contact `after`."""
        ...
