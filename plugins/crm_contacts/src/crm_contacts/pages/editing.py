"""Making and changing a contact in a form; what is refused is shown again with everything typed."""

from __future__ import annotations

from dataclasses import fields
from http import HTTPStatus
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    Contact,
    ContactChanges,
    ContactDraft,
    Contacts,
    ContactUidTaken,
    InvalidContact,
    NameChanges,
)
from crm_contacts.pages.drafts import draft_of, form_of
from crm_contacts.pages.words import KIND_NAMES
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError, FieldError, VersionMismatch
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _

_FIELDS = tuple(item.name for item in fields(ContactDraft) if item.name != "name")
_NAME = tuple(item.name for item in fields(NameChanges))


def new_contact() -> Response:
    """Show the form of a new contact, and store what is sent."""
    if request.method == "GET":
        return _form(draft_of(request.form, None))
    draft = draft_of(request.form, None)
    try:
        contact = service(Contacts).create(draft)
    except (InvalidContact, ContactUidTaken) as error:
        return _form(draft, refusal=error)
    toast(_("%(name)s was added", name=contact.name.full))
    return redirect(f"/contacts/{contact.id}")


def edit_contact(contact_id: UUID) -> Response:
    """Show the form of a contact, and change what is sent: if nobody else has meanwhile."""
    before = service(Contacts).get(contact_id)
    if request.method == "GET":
        return _form(before, contact=before)
    draft = draft_of(request.form, before)
    written = request.form.get("version", "")
    versions = (int(written),) if written.isdecimal() and len(written) < 10 else ()  # noqa: PLR2004
    try:
        service(Contacts).update(contact_id, _changes(draft), versions=versions)
    except VersionMismatch:
        return _form(draft, contact=before, conflict=True)
    except (InvalidContact, ContactUidTaken) as error:
        return _form(draft, contact=before, refusal=error)
    toast(_("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def _changes(draft: ContactDraft) -> ContactChanges:
    name = NameChanges(**{part: getattr(draft.name, part) for part in _NAME})
    return ContactChanges(name=name, **{field: getattr(draft, field) for field in _FIELDS})


def _form(
    draft: ContactDraft,
    *,
    contact: Contact | None = None,
    refusal: DomainError | None = None,
    conflict: bool = False,
) -> Response:
    status = HTTPStatus.OK
    if refusal is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if conflict:
        status = HTTPStatus.PRECONDITION_FAILED
    return render(
        "crm_contacts/form.html",
        status=status,
        form=form_of(draft, request.form if request.method == "POST" else None),
        kinds=KIND_NAMES,
        contact=contact,
        errors=_errors(refusal),
        conflict=conflict,
    )


def _errors(refusal: DomainError | None) -> tuple[FieldError, ...]:
    if refusal is None:
        return ()
    return refusal.errors or (FieldError("", refusal.code, refusal.detail),)
