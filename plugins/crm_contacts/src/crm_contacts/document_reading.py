"""Contacts in JSON as the web API shows them, read back: lines of an export, or alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, TypeGuard

import msgspec

from crm_contacts.card_custom import custom_line, unfit
from crm_contacts.contact_documents import WITH_PARAMETERS
from crm_contacts.contract import (
    Address,
    Contact,
    ContactDraft,
    CustomField,
    CustomValue,
    Email,
    Link,
    Name,
    Phone,
    Position,
    RawProperty,
)
from crm_contacts.custom_values import UnfitValue, checked
from crm_contacts.field_values import CUSTOM
from crm_contacts.vcard import VCardError, escape_line_breaks

#: What stands in a contact, by the member that holds it.
_PARTS = {
    "name": Name,
    "emails": Email,
    "phones": Phone,
    "addresses": Address,
    "links": Link,
    "positions": Position,
    "raw": RawProperty,
}
_DRAFT = frozenset(item.name for item in fields(ContactDraft))
#: What else a document says; none of it is taken over.
_BESIDE = frozenset(item.name for item in fields(Contact)) - _DRAFT | {"extensions"}
#: Members that a card of JSContact has not, and those that are objects there.
_OWN = _DRAFT - {"name", "kind", "uid", "emails", "phones", "addresses", "links", "nicknames"}
_LISTS = frozenset({"emails", "phones", "addresses", "links", "nicknames"})
#: Characters that a reason repeats of what somebody wrote.
_MOST_REPEATED = 200
_NAME_PARTS = frozenset(item.name for item in fields(Name)) - {"full"}


def is_document(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value has the form of a contact in the web API, and of no JSContact card."""
    if not isinstance(value, dict) or "@type" in value:
        return False
    name = value.get("name")
    parted = isinstance(name, dict) and not _NAME_PARTS.isdisjoint(name)
    listed = any(isinstance(value.get(name), list) for name in _LISTS)
    return parted or listed or not _OWN.isdisjoint(value) or _is_bare(value)


def _is_bare(value: Mapping[str, Any]) -> bool:
    """Whether it says what stored contacts alone have, beside members that any contact has."""
    known = not _BESIDE.isdisjoint(value.keys() - {"version"}) and value.keys() <= _DRAFT | _BESIDE
    return known and not any(isinstance(value.get(name), dict) for name in _LISTS)


def draft_from_document(
    document: Mapping[str, Any], custom: Mapping[str, CustomField]
) -> tuple[ContactDraft, str | None]:
    """Return the contact that a document describes, without its id, times, owner and visibility.

    Of `custom` are the fields by their keys; the value of one that there is not becomes a raw
    property as in a card, and so does one that its field cannot have, of which the second item
    tells.

    :raises VCardError: if it is none, or says more than a contact does
    """
    unknown = next(_unknown(document), None)
    if unknown is not None:
        raise VCardError(f"a contact has no member `{_short(unknown)}`")
    said = {name: value for name, value in document.items() if name in _DRAFT - {"custom"}}
    for name in WITH_PARAMETERS:
        if isinstance(said.get(name), list):
            said[name] = [_with_pairs(item) for item in said[name]]
    try:
        draft = msgspec.convert(said, ContactDraft)
        values = msgspec.convert(document.get("custom", {}), dict[str, bool | int | float | str])
    except msgspec.ValidationError as error:
        raise VCardError(f"not a contact: {_short(str(error))}") from error
    known: dict[str, CustomValue] = {}
    others: list[RawProperty] = []
    problems: list[str] = []
    for key, value in values.items():
        try:
            if key in custom:
                known[key] = checked(custom[key], value)
                continue
        except UnfitValue as error:
            problems.append(unfit(f"{CUSTOM}{key}", error))
        line = custom_line(key, value)
        others.append(RawProperty(name=line.name, value=line.value, parameters=line.parameters))
    raw = tuple(replace(item, value=escape_line_breaks(item.value)) for item in draft.raw)
    taken = replace(draft, custom=tuple(sorted(known.items())), raw=(*raw, *others))
    return taken, " ".join(problems) or None


def _short(text: str) -> str:
    return text if len(text) <= _MOST_REPEATED else f"{text[:_MOST_REPEATED]}…"


def _unknown(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield members that no contact has, at any depth."""
    yield from (name for name in document if name not in _DRAFT | _BESIDE)
    for name, kind in _PARTS.items():
        known = {item.name for item in fields(kind)}
        held = document.get(name)
        for item in held if isinstance(held, list) else [held]:
            if isinstance(item, dict):
                yield from (f"{name}.{member}" for member in item if member not in known)


def _with_pairs(item: Any) -> Any:
    """Return an item with its parameters as pairs, if it has them as an object."""
    if isinstance(item, dict) and isinstance(item.get("parameters"), dict):
        return item | {"parameters": list(item["parameters"].items())}
    return item
