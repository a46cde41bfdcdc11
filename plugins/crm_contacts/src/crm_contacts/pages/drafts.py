"""The form of a contact: what it shows of one, and the contact that its fields make.

A contact has more than the form shows: types of a kind of their own, labels, parameters. Each row
carries its place in the contact, and what the form does not show stays with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from crm_contacts.contract import (
    Address,
    Contact,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Phone,
)
from meishi.sdk.texts import noted

#: Empty rows that a form offers behind those that are filled.
_SPARE = 2
_TYPES = (noted("work"), noted("home"), noted("cell"), noted("fax"))
_TEXTS = ("organisation", "title", "role", "birthday", "note")
_NAMES = ("given", "family", "additional", "prefix", "suffix")
_PLACES = ("street", "extended", "po_box", "postal_code", "locality", "region", "country")

Q = TypeVar("Q", Email, Phone, Link, Address)


class SentForm(Protocol):
    """What a browser sends: names that may have several values."""

    def get(self, name: str, otherwise: str) -> str:
        """Return the first value of a name."""
        ...

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """A row of a list: its values by field, its place in the contact, and the types to choose."""

    values: Mapping[str, str]
    place: str
    type: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """All that the form shows."""

    texts: Mapping[str, str]
    kind: str
    emails: Sequence[FormRow]
    phones: Sequence[FormRow]
    links: Sequence[FormRow]
    addresses: Sequence[FormRow]
    version: int | None


def form_of(draft: ContactDraft) -> ContactForm:
    """Return the form of a contact, or of what somebody has typed of one."""
    texts = {name: getattr(draft, name) or "" for name in _TEXTS}
    texts |= {name: getattr(draft.name, name) or "" for name in ("full", *_NAMES)}
    return ContactForm(
        texts=texts,
        kind=draft.kind.value,
        emails=_rows(draft.emails, ("address",)),
        phones=_rows(draft.phones, ("number",)),
        links=_rows(draft.links, ("url",)),
        addresses=_rows(draft.addresses, _PLACES, spare=1),
        version=draft.version if isinstance(draft, Contact) else None,
    )


def draft_of(form: SentForm, before: ContactDraft | None) -> ContactDraft:
    """Return the contact that a form makes of what was there before."""
    base = before or ContactDraft(name=Name(full=""))
    texts: dict[str, Any] = {name: _text(form, name) for name in _TEXTS}
    parts = {name: _text(form, name) for name in _NAMES}
    full = _text(form, "full") or " ".join(
        part for part in (parts["given"], parts["family"]) if part
    )
    kind = form.get("kind", "")
    return replace(
        base,
        name=Name(full=full, **parts),
        kind=ContactKind(kind) if kind in set(ContactKind) else base.kind,
        emails=tuple(_items(form, "email", ("address",), base.emails, Email)),
        phones=tuple(_items(form, "phone", ("number",), base.phones, Phone)),
        links=tuple(_items(form, "link", ("url",), base.links, Link)),
        addresses=tuple(_items(form, "address", _PLACES, base.addresses, Address)),
        **texts,
    )


def _rows(
    items: Sequence[Email | Phone | Link | Address], names: Sequence[str], *, spare: int = _SPARE
) -> list[FormRow]:
    found = [
        FormRow(
            values={name: getattr(item, name) or "" for name in names},
            place=str(place),
            type=",".join(item.types),
            types=_choices(",".join(item.types)),
        )
        for place, item in enumerate(items)
    ]
    blank = FormRow(values=dict.fromkeys(names, ""), place="", type="", types=_choices(""))
    return [*found, *[blank] * spare]


def _choices(current: str) -> tuple[str, ...]:
    return ("", *_TYPES) if current in {"", *_TYPES} else ("", *_TYPES, current)


def _items(
    form: SentForm,
    prefix: str,
    names: Sequence[str],
    before: Sequence[Q],
    make: Callable[..., Q],
) -> Iterator[Q]:
    """Yield the rows that say something, each upon what stood in its place."""
    columns = [form.getlist(f"{prefix}_{name}") for name in (*names, "type", "place")]
    for *values, kind, place in zip(*columns, strict=False):
        texts: dict[str, Any] = {
            name: value.strip() or None for name, value in zip(names, values, strict=True)
        }
        if not any(texts.values()):
            continue
        types = tuple(item for item in kind.split(",") if item)
        if place.isdecimal() and int(place) < len(before):
            yield replace(before[int(place)], types=types, **texts)
        else:
            yield make(types=types, **texts)


def _text(form: SentForm, name: str) -> str | None:
    return form.get(name, "").replace("\r\n", "\n").strip() or None
