"""What of its card no field of a contact takes, as its page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crm_contacts.card_groups import LABEL, plain_label
from crm_contacts.card_photos import base64_of, is_inside, is_photo
from crm_contacts.contract import RawProperty
from crm_contacts.tables.mapping import COLUMN
from crm_contacts.vcard import unescape

_MOST = 40
_MOST_CHARACTERS = 1_000
#: What is between parts of a value; there is nothing to show where there is nothing else.
_BETWEEN = " \t\r\n;,"
_URL = re.compile(r"https?://\S{1,900}", re.IGNORECASE)
#: A file by its look: a long text in lines as writers of base64 break them.
_SHORTEST_FILE, _SHORTEST_LINE = 256, 60
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProperty:
    """A property as people read it; of a file there are its `kilobytes` in the place of `text`."""

    name: str
    types: tuple[str, ...]
    label: str
    text: str
    is_link: bool = False
    kilobytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProperties:
    """The first properties of a contact, and how many there are besides."""

    items: tuple[ShownProperty, ...]
    more: int


def shown_properties(raw: Sequence[RawProperty]) -> ShownProperties:
    """Return what there is to show of the properties that no field takes."""
    labels = {
        item.group.lower(): plain_label(unescape(item.value))
        for item in raw
        if item.group and item.name.upper() == LABEL
    }
    groups = {item.group.lower() for item in raw if item.group and item.name.upper() != LABEL}
    said = [item for item in raw if item.value.strip(_BETWEEN) and not _is_label(item, groups)]
    return ShownProperties(
        items=tuple(islice(_shown(said, labels), _MOST)), more=max(0, len(said) - _MOST)
    )


def _is_label(item: RawProperty, groups: set[str]) -> bool:
    """Whether a property is shown as the label of another one."""
    return item.name.upper() == LABEL and bool(item.group) and (item.group or "").lower() in groups


def _shown(raw: Sequence[RawProperty], labels: dict[str, str]) -> Iterator[ShownProperty]:
    for item in raw:
        parameters = {name.upper(): values for name, values in item.parameters}
        name = item.name
        if name == COLUMN:
            name = next(iter(parameters.get("NAME", ())), name)
        label = labels.get((item.group or "").lower()) or ", ".join(parameters.get("LABEL", ()))
        types = tuple(kind.lower() for kind in parameters.get("TYPE", ()) if kind)
        octets = _octets_of_file(item)
        text = "" if octets is not None else unescape(item.value).strip()
        yield ShownProperty(
            name=name,
            types=types,
            label=label,
            text=text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]} …",
            is_link=_URL.fullmatch(text) is not None,
            kilobytes=None if octets is None else max(1, round(octets / 1000)),
        )


def _octets_of_file(item: RawProperty) -> int | None:
    """Return about how many octets the file in a property has; None if there is none."""
    if is_inside(item) or _looks_like_a_file(item.value):
        return len(base64_of(item.value)) * 3 // 4
    if is_photo(item.name) and not _URL.fullmatch(item.value.strip()):
        return len(item.value)
    return None


def _looks_like_a_file(value: str) -> bool:
    if len(value) < _SHORTEST_FILE:
        return False
    *lines, last = value.split()
    return _BASE64.fullmatch(last) is not None and all(
        len(line) >= _SHORTEST_LINE and _BASE64.fullmatch(line) for line in lines
    )
