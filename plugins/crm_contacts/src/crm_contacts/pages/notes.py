"""Notes on the page of a contact."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import InvalidNote, Note, NoteNotFound, Notes
from crm_contacts.pages.authors import author_name
from meishi.sdk.context import service
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import gettext as _

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note and what its author is called; empty for a service, or somebody who has left."""

    note: Note
    author: str


def shown_notes(contact_id: UUID) -> list[ShownNote]:
    """Return the newest notes on a contact with their authors."""
    items = service(Notes).list(contact_id, limit=_SHOWN).items
    names = {found: author_name(found) for found in {item.author_id for item in items}}
    return [ShownNote(item, names[item.author_id]) for item in items]


def note_contact(contact_id: UUID) -> Response:
    """Write a note on a contact, and show the contact again."""
    try:
        service(Notes).create(contact_id, _text())
    except InvalidNote as error:
        toast(_said(error), ToastKind.DANGER)
    else:
        toast(_("Note added"))
    return redirect(f"/contacts/{contact_id}")


def edit_note(contact_id: UUID, note_id: UUID) -> Response:
    """Change a note, and show the contact again."""
    _check(contact_id, note_id)
    try:
        service(Notes).edit(note_id, _text())
    except InvalidNote as error:
        toast(_said(error), ToastKind.DANGER)
    else:
        toast(_("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def delete_note(contact_id: UUID, note_id: UUID) -> Response:
    """Delete a note, and show the contact again."""
    _check(contact_id, note_id)
    service(Notes).delete(note_id)
    toast(_("Note deleted"))
    return redirect(f"/contacts/{contact_id}")


def _check(contact_id: UUID, note_id: UUID) -> None:
    """Raise `NoteNotFound` if a note is not on a contact."""
    if service(Notes).get(note_id).contact_id != contact_id:
        raise NoteNotFound(f"There is no note {note_id} on the contact {contact_id}.")


def _text() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def _said(error: InvalidNote) -> str:
    return " ".join(item.message for item in error.errors) or error.detail
