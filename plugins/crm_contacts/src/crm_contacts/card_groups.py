"""Which properties of a card belong together, by `item1.` and the like, and as what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from crm_contacts.vcard import Property, is_filled, split_fields, unescape

CHANNELS = frozenset({"EMAIL", "TEL", "ADR", "URL"})
LABEL = "X-ABLABEL"
#: What the value of a property begins with if it is a URI.
SCHEMES = {"EMAIL": "mailto:", "TEL": "tel:"}

_ADDRESS_PARTS = 7
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)


class Groups:
    """The groups of a card, their labels, and what its emails, phones and so on say.

    Properties are told apart by identity, so they must live as long as this does.
    """

    def __init__(self, properties: Iterable[Property]) -> None:
        self._texts: dict[int, str] = {}
        self._labels: dict[str, Property] = {}
        self._labelled: set[str] = set()
        grouped: list[tuple[str, Property]] = []
        seen: set[tuple[str, tuple[str, ...]]] = set()
        for found in properties:
            if found.name in CHANNELS:
                self._find_text(found, seen)
            if found.group:
                grouped.append((found.group.lower(), found))
        self._sizes = Counter(group for group, found in grouped if found.name != LABEL)
        if grouped:
            self._find_labels(grouped)

    def _find_text(self, found: Property, seen: set[tuple[str, tuple[str, ...]]]) -> None:
        text = _channel_text(found)
        alternative = (found.name, found.parameter("ALTID"))
        if text and alternative not in seen:
            self._texts[id(found)] = text
            if alternative[1]:
                seen.add(alternative)

    def _find_labels(self, grouped: list[tuple[str, Property]]) -> None:
        carriers = {group for group, found in grouped if id(found) in self._texts}
        for group, found in grouped:
            if found.name == LABEL:
                self._labelled.add(group)
                if group in carriers and is_label(found):
                    self._labels.setdefault(group, found)

    def text(self, found: Property) -> str | None:
        """Return the address, number or URL that a channel says, without the scheme of a URI.

        None if it says nothing, or the same as one before it in another language (ALTID).
        """
        return self._texts.get(id(found))

    def is_carried(self, label: Property) -> bool:
        """Whether an email, phone, address or link carries this label."""
        return bool(label.group) and self._labels.get((label.group or "").lower()) is label

    def label(self, found: Property) -> str | None:
        """Return the label of a property, without the marks of Apple's own labels."""
        label = self._labels.get(found.group.lower()) if found.group else None
        if label is None:
            return None
        return plain_label(unescape(label.value))

    def shares(self, found: Property) -> bool:
        """Whether other properties, labels aside, are in the group of this one."""
        return bool(found.group) and self._sizes[(found.group or "").lower()] > 1

    def is_labelled(self, found: Property) -> bool:
        """Whether there is a label in the group of this property."""
        return (found.group or "").lower() in self._labelled


def address_parts(found: Property) -> tuple[list[str | None], bool]:
    """Return the seven parts of an ADR, and whether there are no others."""
    parts = [part.strip() for part in split_fields(found.value)]
    padded = [part or None for part in (parts + [""] * _ADDRESS_PARTS)[:_ADDRESS_PARTS]]
    return padded, not any(parts[_ADDRESS_PARTS:])


def _channel_text(found: Property) -> str:
    if found.name == "ADR":
        return " ".join(filter(None, address_parts(found)[0]))
    if not is_filled(found):
        return ""
    text = unescape(found.value).strip()
    scheme = SCHEMES.get(found.name)
    if scheme and text[: len(scheme)].lower() == scheme:
        return text[len(scheme) :].strip()
    return text


def is_label(found: Property) -> bool:
    """Whether a property is nothing but the label of what else is in its group."""
    return found.name == LABEL and not found.parameters and is_filled(found)


def plain_label(written: str) -> str:
    """Return a label without the marks of Apple's own labels."""
    text = written.strip()
    match = _APPLE_LABEL.fullmatch(text)
    return match[1] if match else text


def label_text(label: str) -> str:
    """Return what `Groups.label` reads as `label`: some need the marks of Apple's own labels."""
    is_plain = label == label.strip() != "" and not _APPLE_LABEL.fullmatch(label)
    return label if is_plain else f"_$!<{label}>!$_"
