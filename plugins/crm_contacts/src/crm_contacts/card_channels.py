"""The ways to reach a contact that a vCard names: emails, phones, addresses and links."""

from __future__ import annotations

import re
from collections import Counter
from typing import TypedDict

from crm_contacts.contract import Address, Email, Link, Parameters, Phone
from crm_contacts.vcard import Property, VCard, is_filled, split_fields, unescape

CHANNELS = frozenset({"EMAIL", "TEL", "ADR", "URL"})
LABEL = "X-ABLABEL"
#: Means the same as TYPE=pref did before version 4.0.
PREFERRED = ("1",)

_SCHEMES = {"EMAIL": "mailto:", "TEL": "tel:"}
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_ADDRESS_PARTS = 7


class _Qualifiers(TypedDict):
    """What emails, phones, addresses and links have in common."""

    types: tuple[str, ...]
    label: str | None
    primary: bool
    parameters: Parameters


class Groups:
    """Which properties of a card belong together, by `item1.` and the like, and as what."""

    def __init__(self, card: VCard) -> None:
        grouped = [(found.group.lower(), found) for found in card.properties if found.group]
        self._sizes = Counter(group for group, found in grouped if found.name != LABEL)
        self._labelled = {group for group, found in grouped if found.name == LABEL}
        carriers = {group for group, found in grouped if is_channel(found)}
        self._labels: dict[str, Property] = {}
        for group, found in grouped:
            carried = group in carriers and found.name == LABEL and not found.parameters
            if carried and is_filled(found):
                self._labels.setdefault(group, found)

    def is_carried(self, label: Property) -> bool:
        """Whether an email, phone, address or link carries this label."""
        return bool(label.group) and self._labels.get((label.group or "").lower()) is label

    def label(self, found: Property) -> str | None:
        """Return the label of a property, without the marks of Apple's own labels."""
        label = self._labels.get((found.group or "").lower())
        if label is None:
            return None
        text = unescape(label.value).strip()
        match = _APPLE_LABEL.fullmatch(text)
        return match[1] if match else text

    def shares(self, found: Property) -> bool:
        """Whether other properties, labels aside, are in the group of this one."""
        return self._sizes[(found.group or "").lower()] > 1

    def is_labelled(self, found: Property) -> bool:
        """Whether there is a label in the group of this property."""
        return (found.group or "").lower() in self._labelled


class Channels:
    """The emails, phones, addresses and links of one contact as they fill up."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._with_primary: set[str] = set()
        self.emails: list[Email] = []
        self.phones: list[Phone] = []
        self.addresses: list[Address] = []
        self.links: list[Link] = []

    def take(self, found: Property) -> bool:
        """Add what one property says; False if it says nothing or more than fits."""
        if not is_channel(found):
            return False
        qualifiers = self._qualifiers(found)
        if found.name == "EMAIL":
            self.emails.append(Email(address=_text(found), **qualifiers))
        elif found.name == "TEL":
            self.phones.append(Phone(number=_text(found), **qualifiers))
        elif found.name == "URL":
            self.links.append(Link(url=_text(found), **qualifiers))
        else:
            parts = [part.strip() for part in split_fields(found.value)]
            self.addresses.append(_address(parts, qualifiers))
            return not any(parts[_ADDRESS_PARTS:])
        return True

    def _qualifiers(self, found: Property) -> _Qualifiers:
        types = dict.fromkeys(value.lower() for value in found.parameter("TYPE") if value)
        preferred = "pref" in types or found.parameter("PREF") == PREFERRED
        primary = preferred and found.name not in self._with_primary
        if primary:
            self._with_primary.add(found.name)
        types.pop("pref", None)
        parameters = [
            (name, values)
            for name, values in found.parameters
            if name != "TYPE" and (name, values) != ("PREF", PREFERRED)
        ]
        if preferred and not primary and found.parameter("PREF") in {(), PREFERRED}:
            parameters.append(("PREF", PREFERRED))  # only the first of a list is primary
        if found.group and self._groups.shares(found):
            parameters.append(("GROUP", (found.group,)))
        return _Qualifiers(
            types=tuple(types),
            label=self._groups.label(found),
            primary=primary,
            parameters=tuple(parameters),
        )


def is_channel(found: Property) -> bool:
    """Whether a property is an email, phone, address or link that says something."""
    return found.name in CHANNELS and is_filled(found) and bool(_text(found))


def _text(found: Property) -> str:
    text = unescape(found.value).strip()
    scheme = _SCHEMES.get(found.name, "")
    return text[len(scheme) :].strip() if text[: len(scheme)].lower() == scheme else text


def _address(parts: list[str], qualifiers: _Qualifiers) -> Address:
    padded = [part or None for part in (parts + [""] * _ADDRESS_PARTS)[:_ADDRESS_PARTS]]
    po_box, extended, street, locality, region, postal_code, country = padded
    return Address(
        po_box=po_box,
        extended=extended,
        street=street,
        locality=locality,
        region=region,
        postal_code=postal_code,
        country=country,
        **qualifiers,
    )
