"""Contacts that may be one: the list to go through, both side by side, and what is decided."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    CHOICES,
    Contact,
    ContactNotFound,
    Contacts,
    DuplicateMerged,
    Duplicates,
    DuplicateState,
    FieldChoice,
    InvalidContact,
    Likeness,
    MergedFurther,
    Merges,
    NotMerged,
)
from crm_contacts.pages.duplicate_scans import scan_values
from crm_contacts.pages.other_contacts import other_contacts
from crm_contacts.pages.photos import photo_digests
from crm_contacts.pages.words import AGREEMENTS, CHANNELS, CONSENT_STATES, EVIDENCE, REASONS
from crm_contacts.schemas.duplicates import DuplicateQuerySchema
from crm_contacts.unmerging import text_of, written
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage, DomainError, VersionMismatch
from meishi.sdk.pages import next_page_url, page_query, redirect, render, toast
from meishi.sdk.texts import gettext as _

_PAGE = "50"
_SHOWN = 5
_LISTS = ("nicknames", "emails", "phones", "addresses", "links", "positions")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedField:
    """A field of two contacts side by side; `chosen` is set where one of both has to be."""

    name: str
    title: str
    one: list[str]
    other: list[str]
    chosen: UUID | None


def duplicate_list() -> Response:
    """Show pairs that may be one, the likeliest first; to htmx, how far the scan of all is."""
    if request.headers.get("HX-Target") == "scan-state":
        return render("crm_contacts/scan_state.html", **scan_values())
    wanted = page_query(DuplicateQuerySchema, limit=_PAGE)
    page = service(Duplicates).list(wanted)
    states = [item.value for item in wanted.conditions if item.field == "state"]
    return render(
        "crm_contacts/duplicates.html",
        title=_("Duplicates"),
        pairs=page.items,
        next_url=next_page_url(DocumentPage(items=(), position=page.position), wanted),
        state=states[0] if states else DuplicateState.OPEN.value,
        photos=photo_digests(item.id for pair in page.items for item in pair.contacts),
        evidence_titles=EVIDENCE,
        **scan_values(),
    )


def decide_duplicate(pair_id: UUID) -> Response:
    """Remember that two contacts are not the same, or take that back."""
    duplicates = service(Duplicates)
    try:
        if request.form.get("decision") == "reopen":
            duplicates.reopen(pair_id)
            toast(_("The pair is open again"))
        else:
            duplicates.dismiss(pair_id)
            toast(_("Remembered: these are not the same"))
    except (DuplicateMerged, VersionMismatch) as error:
        toast(error.detail)
    return redirect("/contacts/duplicates")


def choose_merged(contact_id: UUID) -> Response:
    """Show contacts to choose from, each leading to both side by side."""
    contact = service(Contacts).get(contact_id)
    return render(
        "crm_contacts/choose_merged.html",
        contact=contact,
        found=other_contacts(contact_id),
        q=request.args.get("q", ""),
    )


def merge_contacts(contact_id: UUID) -> Response:
    """Show a contact beside another one, and merge that into it as it was chosen."""
    contact = service(Contacts).get(contact_id)
    other = _other()
    if request.method == "GET":
        return _comparison(contact, other)
    try:
        service(Merges).merge(contact_id, (other.id,), choices=_choices(contact, other))
    except DomainError as error:
        return _comparison(contact, other, status=HTTPStatus(error.status), said=error.detail)
    toast(_("%(name)s was merged", name=other.name.full))
    return redirect(f"/contacts/{contact_id}")


def unmerge_contact(contact_id: UUID, source_id: UUID) -> Response:
    """Take a merge back, and show what of it stays."""
    try:
        report = service(Merges).unmerge(source_id)
    except (InvalidContact, MergedFurther, NotMerged, VersionMismatch) as error:
        toast(error.detail)
        return redirect(f"/contacts/{contact_id}")
    toast(_("%(name)s is a contact of its own again", name=report.contact.name.full))
    if not report.kept:
        return redirect(f"/contacts/{source_id}")
    return render(
        "crm_contacts/unmerged.html",
        title=_("Merge taken back"),
        report=report,
        titles=EVIDENCE,
        reasons=REASONS,
        states=CONSENT_STATES,
    )


def likenesses(contact_id: UUID) -> list[Likeness]:
    """Return who may be a contact, too, as far as nobody has decided about it."""
    found = service(Duplicates).of_contact(contact_id)
    return [item for item in found if item.state is DuplicateState.OPEN][:_SHOWN]


def _other() -> Contact:
    """Return the contact beside which one is shown."""
    try:
        other_id = UUID(request.values.get("with", ""))
    except ValueError as error:
        raise ContactNotFound("Choose another contact.") from error
    return service(Contacts).get(other_id)


def _choices(contact: Contact, other: Contact) -> tuple[FieldChoice, ...]:
    """Return what was chosen: by name of field, which of both."""
    sides = {str(contact.id): contact.id, str(other.id): other.id}
    chosen = {name: request.values.get(f"field_{name}", "") for name in CHOICES}
    return tuple(
        FieldChoice(field=name, contact_id=sides[value])
        for name, value in chosen.items()
        if value in sides
    )


def _comparison(
    contact: Contact, other: Contact, *, status: int = HTTPStatus.OK, said: str = ""
) -> Response:
    preview, fields = None, []
    try:
        preview = service(Merges).preview(contact.id, (other.id,), choices=_choices(contact, other))
        chosen = {item.field: item.chosen_id for item in preview.conflicts}
        fields = list(_fields(contact, other, chosen))
    except InvalidContact as error:
        status, said = HTTPStatus(error.status), error.detail
    found = service(Duplicates).of_contact(contact.id, limit=50)
    likeness = next((item for item in found if item.contact_id == other.id), None)
    values: dict[str, Any] = {
        "contact": contact,
        "other": other,
        "fields": fields,
        "preview": preview,
        "likeness": likeness,
        "photos": photo_digests((contact.id, other.id)),
        "evidence_titles": EVIDENCE,
        "agreements": AGREEMENTS,
        "channels": CHANNELS,
        "states": CONSENT_STATES,
        "said": said,
    }
    return render(
        "crm_contacts/merge.html", status=status, title=_("Are these the same?"), **values
    )


def _fields(contact: Contact, other: Contact, chosen: dict[str, UUID]) -> list[ComparedField]:
    rows = [
        ComparedField(
            name=name,
            title=EVIDENCE[name],
            one=[text] if (text := text_of(contact, name)) else [],
            other=[text] if (text := text_of(other, name)) else [],
            chosen=chosen.get(name),
        )
        for name in CHOICES
    ]
    rows += [
        ComparedField(
            name=name,
            title=EVIDENCE[name],
            one=[written(item) for item in getattr(contact, name)],
            other=[written(item) for item in getattr(other, name)],
            chosen=None,
        )
        for name in _LISTS
    ]
    return [row for row in rows if row.one or row.other]
