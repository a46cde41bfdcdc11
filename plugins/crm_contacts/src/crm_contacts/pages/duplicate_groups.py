"""Groups of contacts that are certainly one: all of them, and one before it is merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    CHOICES,
    Contact,
    ContactNotFound,
    Contacts,
    Duplicates,
    FieldChoice,
    FieldValue,
    InvalidContact,
    MergePreview,
    Merges,
)
from crm_contacts.pages.photos import photo_digests
from crm_contacts.pages.words import CHANNELS, CONSENT_STATES, EVIDENCE
from crm_contacts.unmerging import text_of, written
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _

_PATH = "/contacts/duplicates/groups"
#: Groups that the page shows, and contacts of one that are merged at once.
_SHOWN, _MOST = 50, 100
_LISTS = ("nicknames", "emails", "phones", "addresses", "links", "positions", "tags", "custom")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedField:
    """What a field would say; `values` are those to choose among, where contacts disagree."""

    name: str
    title: str
    texts: list[str]
    values: tuple[FieldValue, ...] = ()
    chosen: UUID | None = None


def group_list() -> Response:
    """Show groups, each leading to what it would be as one contact; the rest of one comes later."""
    groups = [group[: _MOST + 1] for group in service(Duplicates).groups(limit=_SHOWN)]
    contacts = {item.id: item for item in _found(tuple(one for group in groups for one in group))}
    shown = [[contacts[one] for one in group if one in contacts] for group in groups]
    return render(
        "crm_contacts/duplicate_groups.html",
        groups=[group for group in shown if len(group) > 1],
        photos=photo_digests(contacts),
    )


def merge_group(contact_id: UUID) -> Response:
    """Show what a contact would be with the others of its group, and merge them into it."""
    contact, others = service(Contacts).get(contact_id), _others(contact_id)
    if request.method == "GET":
        return _preview(contact, others)
    try:
        service(Merges).merge(
            contact_id, tuple(other.id for other in others), choices=_choices(contact, others)
        )
    except DomainError as error:
        return _preview(contact, others, status=HTTPStatus(error.status), said=error.detail)
    toast(_("They are one contact now: %(name)s", name=contact.name.full))
    return redirect(_PATH)


def _preview(
    contact: Contact, others: list[Contact], *, status: int = HTTPStatus.OK, said: str = ""
) -> Response:
    preview = None
    try:
        ids = tuple(other.id for other in others)
        preview = service(Merges).preview(contact.id, ids, choices=_choices(contact, others))
    except InvalidContact as error:
        status, said = HTTPStatus(error.status), error.detail
    return render(
        "crm_contacts/merge_group.html",
        status=status,
        contact=contact,
        others=others,
        names={str(item.id): item.name.full for item in (contact, *others)},
        fields=[] if preview is None else list(_fields(preview)),
        preview=preview,
        channels=CHANNELS,
        states=CONSENT_STATES,
        said=said,
    )


def _fields(preview: MergePreview) -> Iterator[MergedField]:
    conflicts = {item.field: item for item in preview.conflicts}
    for name in CHOICES:
        text = text_of(preview.contact, name)
        if name in conflicts:
            found = conflicts[name]
            yield MergedField(
                name=name, title=EVIDENCE[name], texts=[], values=found.values,
                chosen=found.chosen_id,
            )  # fmt: skip
        elif text:
            yield MergedField(name=name, title=EVIDENCE[name], texts=[text])
    for name in _LISTS:
        texts = [written(item) for item in getattr(preview.contact, name)]
        if texts:
            yield MergedField(name=name, title=EVIDENCE[name], texts=texts)


def _others(contact_id: UUID) -> list[Contact]:
    """Return the others that are named, in the order in which they are."""
    named = request.values.getlist("with")
    try:
        ids = tuple(dict.fromkeys(UUID(text) for text in named[:_MOST]))
    except ValueError as error:
        raise ContactNotFound("Choose contacts that are shown.") from error
    found = {item.id: item for item in service(Contacts).find(ids)}
    others = [found[other] for other in ids if other in found and other != contact_id]
    if not others or len(others) < len(ids):
        raise ContactNotFound("Some of these contacts are not there any more.")
    return others


def _choices(contact: Contact, others: list[Contact]) -> tuple[FieldChoice, ...]:
    sides = {str(item.id): item.id for item in (contact, *others)}
    chosen = {name: request.values.get(f"field_{name}", "") for name in CHOICES}
    return tuple(
        FieldChoice(field=name, contact_id=sides[value])
        for name, value in chosen.items()
        if value in sides
    )


def _found(contact_ids: tuple[UUID, ...]) -> tuple[Contact, ...]:
    return service(Contacts).find(contact_ids) if contact_ids else ()
