"""The job history of a contact: adding a job, changing one, and taking one away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request

from crm_contacts.career import succeeded
from crm_contacts.contract import Contact, ContactChanges, Contacts, InvalidContact, Position
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch
from meishi.sdk.pages import ToastKind, redirect, render, toast
from meishi.sdk.texts import gettext as _

_TEXTS = ("organisation", "title", "role", "start_date", "end_date", "note")
_DIGITS = 9


def position_form(contact_id: UUID) -> Response:
    """Show the form of a job, of a new one or the one in a place, and store what is sent."""
    contact = service(Contacts).get(contact_id)
    place = _place(contact, request.values.get("place", ""))
    if request.method == "GET":
        found = Position(current=True) if place is None else contact.positions[place]
        return _form(contact, found, place)
    typed = _typed()
    try:
        service(Contacts).update(
            contact_id, _changes(contact, typed, place), versions=(_number("version"),)
        )
    except VersionMismatch as error:
        message = _("Somebody else has changed this contact meanwhile. Look at it, and try again.")
        return _form(contact, typed, place, [message], HTTPStatus(error.status))
    except InvalidContact as error:
        said = [item.message for item in error.errors] or [error.detail]
        return _form(contact, typed, place, said, HTTPStatus(error.status))
    toast(_("Job added") if place is None else _("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def delete_position(contact_id: UUID) -> Response:
    """Take a job away, and show the contact again."""
    contact = service(Contacts).get(contact_id)
    place = _place(contact, request.form.get("place", ""))
    if place is None:
        return redirect(f"/contacts/{contact_id}")
    left = tuple(item for number, item in enumerate(contact.positions) if number != place)
    try:
        changes = ContactChanges(positions=left)
        service(Contacts).update(contact_id, changes, versions=(_number("version"),))
    except VersionMismatch:
        message = _("Somebody else has changed this contact meanwhile. Look at it, and try again.")
        toast(message, ToastKind.DANGER)
    else:
        toast(_("Job removed"))
    return redirect(f"/contacts/{contact_id}")


def _changes(contact: Contact, typed: Position, place: int | None) -> ContactChanges:
    if place is None and typed.current and "follows" in request.form:
        values: Mapping[str, Any] = succeeded(contact, typed)
        return ContactChanges(**values)
    positions = list(contact.positions)
    if place is None:
        positions.insert(0, typed)
    else:
        positions[place] = typed
    return ContactChanges(positions=tuple(positions))


def _typed() -> Position:
    texts: dict[str, Any] = {name: request.form.get(name, "").strip() or None for name in _TEXTS}
    units = [line.strip() for line in request.form.get("units", "").splitlines()]
    return replace(
        Position(**texts), units=tuple(filter(None, units)), current="current" in request.form
    )


def _place(contact: Contact, written: str) -> int | None:
    """Return the place of a job; None for a new one, or one that is not there any more."""
    if written.isdecimal() and len(written) <= _DIGITS and int(written) < len(contact.positions):
        return int(written)
    return None


def _number(name: str) -> int:
    written = request.form.get(name, "")
    return int(written) if written.isdecimal() and len(written) <= _DIGITS else 0


def _form(
    contact: Contact,
    job: Position,
    place: int | None,
    errors: Sequence[str] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    said = (contact.title, contact.role, contact.organisation)
    return render(
        "crm_contacts/position.html",
        status=status,
        title=_("Job history"),
        contact=contact,
        job=job,
        place=place,
        errors=errors,
        former=", ".join(filter(None, said)),
        follows="follows" in request.form,
        version=contact.version,
    )
