"""Custom values in cards: a property of ours for each, named after the key of its field.

Its VALUE says what a number or a flag is (RFC 6350, 5.2); all else is a text. What it is to its
workspace says the field there: without one it stays a raw property, and is written as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from crm_contacts.contract import ContactDraft, CustomField, CustomValue, RawProperty
from crm_contacts.custom_values import KEY_NAME, UnfitValue, read, text_of
from crm_contacts.field_values import CUSTOM
from crm_contacts.vcard import Property, escape, unescape

PREFIX = "X-MEISHI-CUSTOM-"

_VALUE = "VALUE"
#: Characters of what a field takes, which may be many choices.
_MOST_SAID = 200
#: A decimal number as cards have one; others are texts.
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def custom_line(key: str, value: CustomValue) -> Property:
    """Return the property that says the value of the field with a key."""
    text = text_of(value)
    kind = None
    if isinstance(value, bool):
        kind, text = "boolean", text.upper()
    elif not isinstance(value, str) and _DECIMAL.fullmatch(text):
        kind = "integer" if isinstance(value, int) else "float"
    parameters = ((_VALUE, (kind,)),) if kind else ()
    return Property(_name_of(key), escape(text), None, parameters)


def custom_lines(values: Iterable[tuple[str, CustomValue]]) -> Iterator[Property]:
    """Yield a property for each value."""
    return (custom_line(key, value) for key, value in values)


def with_custom(
    draft: ContactDraft, fields: Mapping[str, CustomField]
) -> tuple[ContactDraft, str | None]:
    """Return a draft whose properties for some fields, by key, are values of these.

    The first property of a field fills it; another one that does not say the same is kept, as is
    one that is none of the field's type, of which the second item tells.
    """
    found = [(raw, key) for raw in draft.raw if (key := _key_of(raw)) in fields]
    if not found:
        return draft, None
    values = dict(draft.custom)
    taken: set[int] = set()
    problems: dict[str, None] = {}
    for raw, key in found:
        try:
            value = read(fields[key or ""], unescape(raw.value))
        except UnfitValue as error:
            problems[unfit(f"{CUSTOM}{key}", error)] = None
        else:
            if values.setdefault(key or "", value) == value:
                taken.add(id(raw))
    left = tuple(raw for raw in draft.raw if id(raw) not in taken)
    custom = tuple(sorted(values.items()))
    return replace(draft, custom=custom, raw=left), " ".join(problems) or None


def unfit(name: str, error: UnfitValue) -> str:
    """Return what is said of a value that a field cannot have."""
    needed = str(error)
    needed = needed if len(needed) <= _MOST_SAID else f"{needed[:_MOST_SAID]}…"
    return f"{name}: {needed} What it said is kept as a raw property."


def is_custom(name: str) -> bool:
    """Whether a property is called as one that says a custom value."""
    return name.upper().startswith(PREFIX)


def _name_of(key: str) -> str:
    return PREFIX + key.replace("_", "-").upper()


def _key_of(raw: RawProperty) -> str | None:
    """Return the key of the field whose value a property says; None if it says more, or none."""
    if not is_custom(raw.name) or raw.group:
        return None
    if any(name.upper() != _VALUE for name, _ in raw.parameters):
        return None
    key = raw.name[len(PREFIX) :].lower().replace("-", "_")
    return key if KEY_NAME.fullmatch(key) else None
