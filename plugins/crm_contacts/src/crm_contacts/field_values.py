"""Fields of contacts one by one: what differs between two drafts, as plain values of JSON.

A value is written as the contact's document has it. Custom values are fields of their own,
`custom.KEY`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_type_hints

import msgspec

from crm_contacts.contact_documents import WITH_PARAMETERS
from crm_contacts.contract import ContactDraft
from crm_contacts.verification import CHANNELS

#: What a draft has, in its order.
FIELDS = tuple(item.name for item in fields(ContactDraft))

#: Begins the names of custom fields.
CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Difference:
    """What a field said before a change, and after it: plain values, None for nothing."""

    field: str
    before: Any
    after: Any


def differences(before: ContactDraft, after: ContactDraft) -> Iterator[Difference]:
    """Yield what differs between what a contact said and what it says."""
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name == "custom":
            yield from custom_differences(dict(old), dict(new))
        else:
            yield Difference(name, _plain(name, old), _plain(name, new))


def custom_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield what differs between two sets of custom values, by key."""
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new or type(old) is not type(new):
            yield Difference(f"{CUSTOM}{key}", old, new)


def plain_value(draft: ContactDraft, field: str) -> Any:
    """Return what a draft says in a field, as a plain value; None for nothing."""
    if field.startswith(CUSTOM):
        return dict(draft.custom).get(field.removeprefix(CUSTOM))
    return _plain(field, getattr(draft, field))


def says_same(field: str, one: Any, other: Any) -> bool:
    """Whether two plain values of a field say the same, also if one is from earlier versions."""
    return bool(one == other or _full(field, one) == _full(field, other))


def with_values(draft: ContactDraft, values: Mapping[str, Any]) -> ContactDraft:
    """Return a draft with other plain values in some fields; None takes a custom value away.

    Raises `msgspec.ValidationError` for a value that the field cannot have.
    """
    given: dict[str, Any] = {}
    custom = dict(draft.custom)
    for field, value in values.items():
        if not field.startswith(CUSTOM):
            given[field] = typed_value(field, value)
        elif value is None:
            custom.pop(field.removeprefix(CUSTOM), None)
        else:
            custom[field.removeprefix(CUSTOM)] = value
    given["custom"] = tuple(sorted(custom.items()))
    return ContactDraft(**{name: given.get(name, getattr(draft, name)) for name in FIELDS})


def typed_value(name: str, value: Any) -> Any:
    """Return what a plain value of a field, but a custom one, is in a draft."""
    if name in WITH_PARAMETERS:
        value = [item | {"parameters": tuple(item["parameters"].items())} for item in value]
    return msgspec.convert(value, _types()[name])


def _full(name: str, value: Any) -> Any:
    """Return a plain value with what its items may not have said when it was written down.

    Normal forms of addresses are left out: they follow from the parts.
    """
    if name not in CHANNELS:
        return value
    left_out = {"normalised"} if name == "addresses" else set[str]()
    items = ({"verified": False} | item for item in value)
    return [{key: said for key, said in item.items() if key not in left_out} for item in items]


def _plain(name: str, value: Any) -> Any:
    found = msgspec.json.decode(msgspec.json.encode(value))
    if name in WITH_PARAMETERS:
        for item in found:
            item["parameters"] = dict(item["parameters"])
    return found


@cache
def _types() -> Mapping[str, Any]:
    return get_type_hints(ContactDraft)
