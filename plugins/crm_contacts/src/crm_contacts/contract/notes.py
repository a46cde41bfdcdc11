"""Notes that people write about contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound, ContactReadOnly, InvalidNote, NoteNotFound
from meishi.sdk.contract import VersionMismatch, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note; `author_id` is the user who wrote it, None for a service.

    Who edits a note does not become its author; `edited_at` says when somebody did.
    """

    id: UUID
    contact_id: UUID
    text: str
    author_id: UUID | None
    version: int
    created_at: datetime
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    """Notes, newest first; `next_after` is None on the last page."""

    items: tuple[Note, ...]
    next_after: UUID | None
    total: int | None = None


class Notes(Protocol):
    """The notes on contacts of the current workspace.

    Those of a deleted contact are not there until it is restored. Those of contacts that are
    merged into another one are its own from then on. No event tells of them.
    """

    @command(errors=(ContactNotFound, ContactReadOnly, InvalidNote))
    def create(self, contact_id: UUID, text: str) -> Note:
        """Write a note on a contact, by who acts now.

        :raises InvalidNote: if the text is blank, long or none, or the contact has too many
        """
        ...

    @query(errors=(NoteNotFound,))
    def get(self, note_id: UUID) -> Note:
        """Return one note."""
        ...

    @query(errors=(ContactNotFound,))
    def list(
        self,
        contact_id: UUID,
        *,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> NotePage:
        """Return the notes on a contact, newest first, from behind the note `after`."""
        ...

    @command(errors=(ContactReadOnly, InvalidNote, NoteNotFound, VersionMismatch))
    def edit(self, note_id: UUID, text: str, *, versions: tuple[int, ...] | None = None) -> Note:
        """Change the text of a note that has one of the `versions`; None stands for any."""
        ...

    @command(errors=(ContactReadOnly, NoteNotFound, VersionMismatch))
    def delete(self, note_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a note that has one of the `versions`."""
        ...
