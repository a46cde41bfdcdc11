"""Lists and segments: beside the table, on the page of a contact, and on one of their own."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, abort, request

from crm_contacts.contract import (
    MAX_PAGE,
    ContactDocuments,
    ContactList,
    ContactLists,
    InvalidList,
    InvalidSegment,
    ListNameTaken,
    Segment,
    SegmentNameTaken,
    Segments,
)
from crm_contacts.pages.kept_filters import filter_name
from crm_contacts.schemas.contact_queries import ContactQuerySchema
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, DomainError, ListQuery, Operator
from meishi.sdk.pages import ToastKind, page_query, redirect, render, toast
from meishi.sdk.texts import gettext as _

_PATH = "/contacts/groups"


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """A list or a segment, and how many contacts it shows."""

    group: ContactList | Segment
    count: int

    @property
    def filters_url(self) -> str:
        """Where the list of contacts has the filters of a segment, so that they can be changed."""
        conditions = self.group.conditions if isinstance(self.group, Segment) else ()
        return f"/contacts?{urlencode([(filter_name(item), item.value) for item in conditions])}"


def all_lists() -> list[ContactList]:
    """Return lists by name, as many as one can choose from."""
    items = service(ContactLists).list(limit=MAX_PAGE).items
    return sorted(items, key=lambda found: tag_key(found.name))


def all_segments() -> list[Segment]:
    """Return segments by name, as many as one can choose from."""
    items = service(Segments).list(limit=MAX_PAGE).items
    return sorted(items, key=lambda found: tag_key(found.name))


def groups_page() -> Response:
    """Show lists and segments, and make a list."""
    if request.method == "GET":
        return _page()
    name = request.form.get("name", "")
    try:
        service(ContactLists).create(name)
    except (InvalidList, ListNameTaken) as error:
        return _page(error)
    toast(_("%(name)s was added", name=name.strip()))
    return redirect(_PATH)


def rename_list(list_id: UUID) -> Response:
    """Give a list another name."""
    try:
        service(ContactLists).rename(list_id, request.form.get("name", ""))
    except (InvalidList, ListNameTaken) as error:
        return _page(error)
    toast(_("Changes saved"))
    return redirect(_PATH)


def delete_list(list_id: UUID) -> Response:
    """Delete a list."""
    service(ContactLists).delete(list_id)
    toast(_("List deleted"))
    return redirect(_PATH)


def save_segment() -> Response:
    """Save the filters of the list of contacts, which the address says: anew, or to a segment."""
    conditions = page_query(ContactQuerySchema).conditions
    chosen = request.form.get("segment_id", "")
    if chosen:
        return _save_to(_id_of(chosen, "segment_id"), conditions)
    try:
        made = service(Segments).create(request.form.get("name", ""), conditions)
    except (InvalidSegment, SegmentNameTaken) as error:
        return _list_again(error)
    toast(_("%(name)s was added", name=made.name))
    return redirect(_contacts_of(made))


def rename_segment(segment_id: UUID) -> Response:
    """Give a segment another name."""
    try:
        service(Segments).update(segment_id, name=request.form.get("name", ""))
    except (InvalidSegment, SegmentNameTaken) as error:
        return _page(error)
    toast(_("Changes saved"))
    return redirect(_PATH)


def delete_segment(segment_id: UUID) -> Response:
    """Delete a segment."""
    service(Segments).delete(segment_id)
    toast(_("Segment deleted"))
    return redirect(_PATH)


def list_contact(contact_id: UUID) -> Response:
    """Put a contact on the chosen list, and show the contact again."""
    service(ContactLists).add(_chosen(), (contact_id,))
    toast(_("Added to the list"))
    return redirect(f"/contacts/{contact_id}")


def unlist_contact(contact_id: UUID) -> Response:
    """Take a contact off a list, and show the contact again."""
    service(ContactLists).remove(_chosen(), (contact_id,))
    toast(_("Removed from the list"))
    return redirect(f"/contacts/{contact_id}")


def _page(error: DomainError | None = None) -> Response:
    values: dict[str, Any] = {
        "lists": [_counted(found, "list", Operator.IN) for found in all_lists()],
        "segments": [_counted(found, "segment", Operator.EQ) for found in all_segments()],
    }
    return render(
        "crm_contacts/groups.html",
        status=HTTPStatus.OK if error is None else HTTPStatus(error.status),
        said="" if error is None else _said(error),
        **values,
    )


def _counted(group: ContactList | Segment, field: str, operator: Operator) -> CountedGroup:
    asked = Condition(field=field, operator=operator, value=str(group.id))
    wanted = ListQuery(conditions=(asked,), limit=1, with_total=True)
    return CountedGroup(group, service(ContactDocuments).list(wanted).total or 0)


def _said(error: DomainError) -> str:
    if isinstance(error, ListNameTaken | SegmentNameTaken):
        return _("This name is taken already.")
    return " ".join(item.message for item in error.errors) or error.detail


def _save_to(segment_id: UUID, conditions: tuple[Condition, ...]) -> Response:
    """Save filters in the place of those that a segment has."""
    try:
        changed = service(Segments).update(segment_id, conditions=conditions)
    except InvalidSegment as error:
        return _list_again(error)
    toast(_("%(name)s was changed", name=changed.name))
    return redirect(_contacts_of(changed))


def _list_again(error: DomainError) -> Response:
    """Lead back to the list whose filters could not be saved."""
    toast(_said(error), ToastKind.DANGER)
    return redirect(f"/contacts?{urlencode(list(request.args.items(multi=True)))}")


def _contacts_of(segment: Segment) -> str:
    return f"/contacts?{urlencode({'filter[segment][eq]': str(segment.id)})}"


def _chosen() -> UUID:
    return _id_of(request.form.get("list_id", ""), "list_id")


def _id_of(written: str, name: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, f"{name}: choose one of those that are offered.")
