"""The rules of notes on contacts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    ContactNotFound,
    InvalidNote,
    Note,
    NoteNotFound,
    NotePage,
)
from crm_contacts.repository import notes, reading
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.validation import MAX_NOTE, written_note_errors
from meishi.sdk.context import current_actor
from meishi.sdk.contract import VersionMismatch, check_version
from meishi.sdk.plugin import PluginContext

#: Notes on one contact.
MAX_NOTES = 2_000


class NoteService:
    """Implements `Notes`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def create(self, contact_id: UUID, text: str) -> Note:
        """Write a note on a contact; nobody deletes it meanwhile."""
        _check(text)
        _hold(contact_id)
        if not reading.there(contact_id):
            raise _no_contact(contact_id)
        check_writable([contact_id])
        if notes.count(contact_id) >= MAX_NOTES:
            raise InvalidNote(f"A contact has {MAX_NOTES} notes at most.")
        new = Note(
            id=self._new_id(),
            contact_id=contact_id,
            text=text,
            author_id=current_actor().user_id,
            version=1,
            created_at=self._clock(),
        )
        notes.add(new)
        return new

    def get(self, note_id: UUID) -> Note:
        """Return one note."""
        found = notes.get(note_id)
        if found is None:
            raise NoteNotFound(f"There is no note {note_id} in this workspace.")
        return found

    def list(
        self,
        contact_id: UUID,
        *,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> NotePage:
        """Return the notes on a contact, newest first."""
        if not reading.there(contact_id):
            raise _no_contact(contact_id)
        size = max(1, min(limit, MAX_PAGE))
        items = notes.page(contact_id, after, size + 1)
        return NotePage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=notes.count(contact_id) if with_total else None,
        )

    def edit(self, note_id: UUID, text: str, *, versions: tuple[int, ...] | None = None) -> Note:
        """Change the text of a note."""
        stored = self.get(note_id)
        check_version(stored.version, versions)
        _check(text)
        if text == stored.text:
            return stored
        check_writable([stored.contact_id])
        now = self._clock()
        _hold(stored.contact_id)
        if not notes.change(note_id, stored.version, text, now):
            raise VersionMismatch(f"The note {note_id} has just been changed; read it again.")
        return replace(stored, text=text, edited_at=now, version=stored.version + 1)

    def delete(self, note_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a note."""
        _hold(self.get(note_id).contact_id)
        stored = self.get(note_id)
        check_version(stored.version, versions)
        check_writable([stored.contact_id])
        if not notes.delete(note_id, stored.contact_id):
            raise VersionMismatch(f"The note {note_id} has just been moved; read it again.")


def _hold(contact_id: UUID) -> None:
    """Let nobody else write notes on a contact, nor erase it while its words are written."""
    hold_off_erasing()
    notes.hold(contact_id)


def _check(text: str) -> None:
    errors = list(written_note_errors(text))
    if errors:
        raise InvalidNote(f"A note is text of 1 to {MAX_NOTE} characters.", errors=errors)


def _no_contact(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
