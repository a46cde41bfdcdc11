"""Custom fields: their definitions on a page, and their values on the page of a contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, request

from crm_contacts.contract import (
    MAX_PAGE,
    Contact,
    ContactChanges,
    Contacts,
    CustomField,
    CustomFields,
    CustomFieldTaken,
    CustomFieldType,
    CustomValue,
    InvalidContact,
    InvalidCustomField,
)
from crm_contacts.custom_values import UnfitValue, read, text_of
from crm_contacts.pages.words import FIELD_TYPES
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import ToastKind, redirect, render, toast
from meishi.sdk.texts import gettext as _

_PATH = "/contacts/custom-fields"


@dataclass(frozen=True, slots=True)
class ShownField:
    """A custom field and what a contact has in it, as text; empty for nothing."""

    field: CustomField
    text: str


def all_fields() -> tuple[CustomField, ...]:
    """Return the custom fields of the workspace in order of creation."""
    return service(CustomFields).list(limit=MAX_PAGE).items


def shown_fields(contact: Contact) -> list[ShownField]:
    """Return the custom fields with what a contact has in them."""
    values = dict(contact.custom)
    return [
        ShownField(field, text_of(values[field.key]) if field.key in values else "")
        for field in all_fields()
    ]


def change_values(contact_id: UUID) -> Response:
    """Write what was typed into the custom fields of a contact; what is empty goes."""
    try:
        values = tuple(_typed(all_fields()))
        service(Contacts).update(contact_id, ContactChanges(custom=values))
    except (UnfitValue, InvalidContact) as error:
        toast(_said(error), ToastKind.DANGER)
    else:
        toast(_("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def fields_page() -> Response:
    """Show all custom fields, and make one."""
    if request.method == "GET":
        return _page()
    kind = request.form.get("type", "")
    if kind not in set(CustomFieldType):
        abort(HTTPStatus.BAD_REQUEST, "type: choose one of those that are offered.")
    choices = tuple(line for line in request.form.get("choices", "").splitlines() if line.strip())
    try:
        made = service(CustomFields).create(
            request.form.get("key", "").strip(),
            title=request.form.get("title", ""),
            type=CustomFieldType(kind),
            choices=choices,
        )
    except (InvalidCustomField, CustomFieldTaken) as error:
        return _page(error)
    toast(_("%(name)s was added", name=made.title))
    return redirect(_PATH)


def rename_field(field_id: UUID) -> Response:
    """Change the title of a custom field."""
    try:
        service(CustomFields).update(field_id, title=request.form.get("title", ""))
    except InvalidCustomField as error:
        return _page(error)
    toast(_("Changes saved"))
    return redirect(_PATH)


def delete_field(field_id: UUID) -> Response:
    """Delete a custom field, and say how many values went with it."""
    try:
        count = service(CustomFields).delete(field_id)
    except DomainError as error:
        toast(error.detail, ToastKind.DANGER)
    else:
        toast(_("Field deleted, with %(count)s values", count=count))
    return redirect(_PATH)


def _typed(known: Iterable[CustomField]) -> Iterable[tuple[str, CustomValue | None]]:
    for field in known:
        written = request.form.get(f"custom.{field.key}")
        if written is None:
            continue
        try:
            yield field.key, read(field, written) if written.strip() else None
        except UnfitValue as error:
            raise UnfitValue(f"{field.title}: {error}") from error


def _page(error: DomainError | None = None) -> Response:
    known = all_fields()
    return render(
        "crm_contacts/custom_fields.html",
        status=HTTPStatus.OK if error is None else HTTPStatus(error.status),
        fields=[(field, service(CustomFields).count_values(field.id)) for field in known],
        types=FIELD_TYPES,
        typed={name: request.form.get(name, "") for name in ("key", "title", "type", "choices")},
        said="" if error is None else _said(error),
    )


def _said(error: Exception) -> str:
    if isinstance(error, DomainError):
        return " ".join(item.message for item in error.errors) or error.detail
    return str(error)
