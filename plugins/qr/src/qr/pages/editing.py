"""Making and changing a card in a form; what is refused is shown again with everything typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, request
from marshmallow import ValidationError

from crm_contacts.contract import Contact
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _
from qr.contract import ALL_FIELDS, Card, CardChanges, Cards, CodeKind, Codes
from qr.pages.contacts import contact_choices, living_contact
from qr.schemas import CardPatchSchema

#: The parts of a contact as people read them.
FIELD_TITLES = (
    ("organisation", "Organisation"),
    ("title", "Title"),
    ("phones", "Phones"),
    ("emails", "Email addresses"),
    ("links", "Links"),
    ("addresses", "Addresses"),
)


def new_card() -> Response:
    """Show the form of a contact's new card, or contacts to choose from; make what is sent."""
    asked = request.args.get("contact")
    if asked is None:
        searched = request.args.get("q", "")
        choices = contact_choices(searched)
        return render("qr/console/choose.html", contacts=choices, searched=searched)
    contact = living_contact(_uuid(asked))
    if contact is None:
        abort(HTTPStatus.NOT_FOUND)
    if request.method == "GET":
        return _form({"fields": [field.value for field in ALL_FIELDS]}, contact=contact)
    typed = {"fields": request.form.getlist("fields")}
    try:
        shown = CardPatchSchema().load(typed)["shown"]
    except ValidationError as error:
        return _form(typed, contact=contact, errors=_messages(error))
    card = service(Cards).create_card(contact.id, fields=tuple(shown))
    service(Codes).create_code(card.id, kind=CodeKind.DYNAMIC)
    toast(_("The card was made"))
    return redirect(f"/qr/{card.id}")


def edit_card(card_id: UUID) -> Response:
    """Show the form of a card, and change what is sent: if nobody else has meanwhile."""
    card = service(Cards).get_card(card_id)
    contact = living_contact(card.contact_id)
    if request.method == "GET":
        stored = {"title": card.title, "fields": [field.value for field in card.fields]}
        return _form(stored, contact=contact, card=card)
    typed = {
        "title": request.form.get("title", "").strip(),
        "fields": request.form.getlist("fields"),
    }
    written = request.form.get("version", "")
    versions = (int(written),) if written.isdecimal() and len(written) < 10 else ()  # noqa: PLR2004
    try:
        found = CardPatchSchema().load(typed)
        changes = CardChanges(title=found["title"], fields=tuple(found["shown"]))
        service(Cards).update_card(card_id, changes, versions=versions)
    except ValidationError as error:
        return _form(typed, contact=contact, card=card, errors=_messages(error))
    except VersionMismatch:
        return _form(typed, contact=contact, card=card, conflict=True)
    toast(_("Changes saved"))
    return redirect(f"/qr/{card_id}")


def _form(
    typed: Mapping[str, Any],
    *,
    contact: Contact | None,
    card: Card | None = None,
    errors: Sequence[tuple[str, str]] = (),
    conflict: bool = False,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    if conflict:
        status = HTTPStatus.PRECONDITION_FAILED
    version = None if card is None else card.version
    sent = request.form.get("version", "")
    return render(
        "qr/console/form.html",
        status=status,
        typed=typed,
        contact=contact,
        card=card,
        version=sent if errors and sent else version,
        errors=dict(errors),
        conflict=conflict,
        field_titles=FIELD_TITLES,
    )


def _messages(error: ValidationError) -> list[tuple[str, str]]:
    """Return what is wrong, by the field; of several values of one, the first that is wrong."""
    return [(name, _first(said)) for name, said in error.messages_dict.items()]


def _first(said: Any) -> str:
    while not isinstance(said, str):
        said = next(iter(said.values() if isinstance(said, Mapping) else said))
    return said


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
