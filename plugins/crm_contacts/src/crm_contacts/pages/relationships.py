"""What a contact and others are to each other, on its page; adding to it, and taking away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    Contact,
    Contacts,
    InvalidRelationship,
    Relationship,
    RelationshipExists,
    Relationships,
    RelationshipType,
)
from crm_contacts.pages.other_contacts import other_contacts
from crm_contacts.pages.words import RELATIONSHIPS, RELATIONSHIPS_FROM_BEHIND
from crm_contacts.schemas.relationships import RelationshipDraftSchema
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedContact:
    """A contact as it stands on the page of one that it is related to; `title` says how."""

    relationship_id: UUID
    contact_id: UUID
    name: str
    title: str
    note: str | None


def related_contacts(contact_id: UUID) -> Sequence[RelatedContact]:
    """Return the contacts that one is related to, in order of creation; a hundred at most."""
    page = service(Relationships).list(contact_id=contact_id, limit=_SHOWN)
    return list(_lines(contact_id, page.items))


def _lines(contact_id: UUID, items: Sequence[Relationship]) -> Iterator[RelatedContact]:
    others = {item.target_id if _begins(item, contact_id) else item.source_id for item in items}
    names = {found.id: found.name.full for found in service(Contacts).find(tuple(others))}
    for item in items:
        other = item.target_id if _begins(item, contact_id) else item.source_id
        title = RELATIONSHIPS[item.type]
        if not _begins(item, contact_id):
            title = RELATIONSHIPS_FROM_BEHIND.get(item.type, title)
        if other in names:  # it may have been deleted between both calls
            yield RelatedContact(
                relationship_id=item.id,
                contact_id=other,
                name=names[other],
                title=title,
                note=item.note,
            )


def _begins(item: Relationship, contact_id: UUID) -> bool:
    return item.source_id == contact_id


def relate_contact(contact_id: UUID) -> Response:
    """Show contacts to choose from, and relate the chosen one."""
    contact = service(Contacts).get(contact_id)
    if request.method == "GET":
        return _form(contact)
    typed = {name: request.form[name] for name in ("target_id", "type") if name in request.form}
    note = request.form.get("note", "").strip() or None
    wrong = RelationshipDraftSchema().validate({**typed, "note": note})
    if wrong:
        return _form(contact, status=HTTPStatus.UNPROCESSABLE_ENTITY, said=_said(wrong))
    kind = RelationshipType(typed["type"])
    try:
        service(Relationships).create(contact_id, UUID(typed["target_id"]), kind, note=note)
    except (InvalidRelationship, RelationshipExists) as error:
        return _form(contact, status=HTTPStatus(error.status), said=_refusal(error))
    toast(_("Relationship added"))
    return redirect(f"/contacts/{contact_id}")


def unrelate_contact(contact_id: UUID, relationship_id: UUID) -> Response:
    """Take a relationship away, and show the contact again."""
    service(Relationships).delete(relationship_id)
    toast(_("Relationship removed"))
    return redirect(f"/contacts/{contact_id}")


def _form(contact: Contact, *, status: int = HTTPStatus.OK, said: str = "") -> Response:
    return render(
        "crm_contacts/relate.html",
        status=status,
        contact=contact,
        found=other_contacts(contact.id),
        q=request.args.get("q", ""),
        types=RELATIONSHIPS,
        chosen={name: request.form.get(name, "") for name in ("target_id", "type", "note")},
        said=said,
    )


def _said(wrong: dict[str, list[str]]) -> str:
    if "target_id" in wrong:
        return _("Choose a contact.")
    return _("Choose what the contact is.") if "type" in wrong else _("The note is too long.")


def _refusal(error: DomainError) -> str:
    if isinstance(error, RelationshipExists):
        return _("It is noted already that they are related like this.")
    return " ".join(item.message for item in error.errors)
