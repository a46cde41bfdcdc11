"""What became of a contact, field by field, and the buttons that put fields back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request

from crm_contacts.contract import (
    Access,
    ChangedSince,
    ChangeRecord,
    Contact,
    ContactNotFound,
    Contacts,
    CustomFields,
    FieldChange,
    History,
    Merges,
    Visibility,
)
from crm_contacts.field_values import CUSTOM, typed_value
from crm_contacts.pages.authors import author_name
from crm_contacts.pages.words import ACCESSES, ACTIONS, EVIDENCE, SHARING, SOURCES, VISIBILITIES
from crm_contacts.schemas.history import HistoryQuerySchema
from crm_contacts.unmerging import written
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage, DomainError, ListQuery
from meishi.sdk.pages import (
    ToastKind,
    next_page_url,
    page_query,
    redirect,
    render,
    toast,
)
from meishi.sdk.texts import gettext as _

_PAGE = "50"
_ALL_FIELDS = 200
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class ShownField:
    """What a change did to a field: lines that are gone, and lines that came."""

    name: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change, its fields, and what who did it is called; empty if that is not known."""

    record: ChangeRecord
    fields: tuple[ShownField, ...]
    actor: str

    @property
    def revertible(self) -> bool:
        """Whether there is something that could be put back."""
        return any(not item.erased for item in self.fields)


def history_page(contact_id: UUID) -> Response:
    """Show the changes of a contact, or of one that was merged into it, newest first."""
    contact = _contact(contact_id)
    if contact is None:
        return redirect(f"/contacts/{service(Merges).merged_into(contact_id)}/history")
    return _shown(contact)


def revert_change(contact_id: UUID, change_id: UUID) -> Response:
    """Put the fields of a change back, or those that somebody names nevertheless."""
    contact = service(Contacts).get(contact_id)
    names = tuple(request.form.getlist("fields"))
    try:
        service(History).revert(
            contact_id, change_id, fields=names, versions=_version(contact.version)
        )
    except ChangedSince as error:
        changed = [item.pointer.removeprefix("/") for item in error.errors]
        record = service(History).get(contact_id, change_id)
        return _page(contact, [record], HTTPStatus(error.status), changed=changed)
    except DomainError as error:
        said = " ".join(item.message for item in error.errors) or error.detail
        toast(said, ToastKind.DANGER)
    else:
        toast(_("Put back to what it was"))
    return redirect(f"/contacts/{contact_id}/history")


def _contact(contact_id: UUID) -> Contact | None:
    """Return a contact, or None if it was merged into another one."""
    try:
        return service(Contacts).get(contact_id)
    except ContactNotFound:
        if service(Merges).merged_into(contact_id) is None:
            raise
        return None


def _shown(contact: Contact) -> Response:
    wanted = page_query(HistoryQuerySchema, limit=_PAGE)
    asked = {item.field: item.value for item in wanted.conditions}
    merged = service(Merges).of_contact(contact.id)
    chosen = next((item for item in merged if str(item.contact_id) == asked.get("merged")), None)
    if "merged" in asked and chosen is None:
        raise ContactNotFound("There is no such contact merged into this one.")
    page = service(History).list(
        contact.id if chosen is None else chosen.contact_id,
        after=None if wanted.after is None else UUID(wanted.after[0]),
        limit=wanted.limit,
        field=asked.get("field"),
    )
    return _page(
        contact,
        page.items,
        next_url=_next_url(page.next_after, wanted),
        field=asked.get("field"),
        merged=merged,
        chosen=chosen,
    )


def _page(
    contact: Contact, records: Sequence[ChangeRecord], status: int = HTTPStatus.OK, **values: Any
) -> Response:
    titles = _titles()
    shown = {"field": None, "merged": (), "chosen": None, "changed": (), "next_url": None, **values}
    return render(
        "crm_contacts/history.html",
        status=status,
        title=_("History of %(name)s", name=contact.name.full),
        contact=contact,
        changes=_changes(records, titles),
        titles=titles,
        actions=ACTIONS,
        sources=SOURCES,
        **shown,
    )


def _changes(records: Iterable[ChangeRecord], titles: dict[str, str]) -> list[ShownChange]:
    found = list(records)
    names = {user_id: author_name(user_id) for user_id in {item.actor_id for item in found}}
    return [
        ShownChange(
            record, tuple(_field(item, titles) for item in record.fields), names[record.actor_id]
        )
        for record in found
    ]


def _field(item: FieldChange, titles: dict[str, str]) -> ShownField:
    """Return what differs; values that are written alike are shown whole."""
    before, after = (_lines(item.field, text) for text in (item.before, item.after))
    gone = tuple(line for line in before if line not in after)
    new = tuple(line for line in after if line not in before)
    if not (gone or new):
        gone, new = before, after
    title = titles.get(item.field) or item.field
    return ShownField(item.field, title, gone, new, item.erased)


def _lines(field: str, text: str) -> tuple[str, ...]:
    """Return a value as people read it, each of several in a line of its own."""
    value = msgspec.json.decode(text)
    if value is None:
        return ()
    if field in SHARING:
        return tuple(_shared(field, value))
    if field.startswith(CUSTOM):
        return (written((field.removeprefix(CUSTOM), value)).partition(": ")[2],)
    if field == "name":
        return tuple(dict.fromkeys(part for part in value.values() if part))
    if not isinstance(value, list):
        return (_("Yes") if value is True else _("No") if value is False else str(value),)
    return tuple(map(_line, typed_value(field, value)))


def _shared(field: str, value: Any) -> Iterator[str]:
    """Yield whose a contact was, or who saw it, by their names."""
    if field == "visibility":
        yield _(VISIBILITIES[Visibility(value)])
    elif field == "owner_id":
        yield author_name(UUID(value)) or _("Somebody who has left")
    else:
        for share in value:
            name = author_name(UUID(share["user_id"])) or _("Somebody who has left")
            yield f"{name} ({_(ACCESSES[Access(share['access'])])})"


def _line(item: Any) -> str:
    """Return a value of a list with what it is for."""
    kinds = [*map(_, getattr(item, "types", ())), getattr(item, "label", None) or ""]
    kinds += [_("primary")] if getattr(item, "primary", False) else []
    kinds += [_("verified")] if getattr(item, "verified", False) else []
    said = ", ".join(filter(None, kinds))
    return f"{written(item)} ({said})" if said else written(item)


def _titles() -> dict[str, str]:
    found = service(CustomFields).list(limit=_ALL_FIELDS).items
    return {
        **{name: _(title) for name, title in EVIDENCE.items()},
        "units": _("Units"),
        **{name: _(title) for name, title in SHARING.items()},
        **{f"{CUSTOM}{item.key}": item.title for item in found},
    }


def _next_url(next_after: UUID | None, wanted: ListQuery) -> str | None:
    position = None if next_after is None else (str(next_after),)
    return next_page_url(DocumentPage(items=(), position=position), wanted)


def _version(current: int) -> tuple[int, ...]:
    """Return the version that who pressed the button has seen; none for what cannot be one."""
    written_version = request.form.get("version", "")
    if not written_version:
        return (current,)
    known = written_version.isdecimal() and len(written_version) < _DIGITS
    return (int(written_version),) if known else ()
