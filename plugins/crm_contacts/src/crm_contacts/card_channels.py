"""The ways to reach a contact that a vCard names: emails, phones, addresses and links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from crm_contacts.card_groups import CHANNELS, Groups, address_parts
from crm_contacts.contract import Address, Email, Link, Parameters, Phone
from crm_contacts.vcard import Property

#: The preference that TYPE=pref said before version 4.0.
PREFERRED = ("1",)

_PREFERENCE = re.compile(r"100|[1-9][0-9]?")


class _Qualifiers(TypedDict):
    """What emails, phones, addresses and links have in common."""

    types: tuple[str, ...]
    label: str | None
    primary: bool
    parameters: Parameters


class Channels:
    """The emails, phones, addresses and links of one contact as they fill up."""

    def __init__(self, properties: Iterable[Property], groups: Groups) -> None:
        self._groups = groups
        preferred: dict[str, tuple[int, Property]] = {}
        for found in properties:
            if found.parameters and found.name in CHANNELS:
                rank = preference(found.parameters)
                if rank is not None and groups.text(found) is not None:
                    best = preferred.get(found.name)
                    if best is None or rank < best[0]:
                        preferred[found.name] = rank, found
        self._primary = {id(found) for _, found in preferred.values()}
        self.emails: list[Email] = []
        self.phones: list[Phone] = []
        self.addresses: list[Address] = []
        self.links: list[Link] = []

    def take(self, found: Property) -> bool:
        """Add what one property says; False if it says nothing or more than fits."""
        text = self._groups.text(found)
        if text is None:
            return False
        qualifiers = self._qualifiers(found)
        if found.name == "EMAIL":
            self.emails.append(Email(address=text, **qualifiers))
        elif found.name == "TEL":
            self.phones.append(Phone(number=text, **qualifiers))
        elif found.name == "URL":
            self.links.append(Link(url=text, **qualifiers))
        else:
            parts, fits = address_parts(found)
            self.addresses.append(_address(parts, qualifiers))
            return fits
        return True

    def _qualifiers(self, found: Property) -> _Qualifiers:
        primary = id(found) in self._primary
        types, parameters = qualifying(found, primary=primary)
        if self._groups.shares(found):
            parameters = (*parameters, ("GROUP", (found.group or "",)))
        return _Qualifiers(
            types=types,
            label=self._groups.label(found),
            primary=primary,
            parameters=parameters,
        )


def preference(parameters: Parameters) -> int | None:
    """Return how preferred a channel is, the lower the more: 0 is TYPE=pref, then PREF=1."""
    rank = None
    for name, values in parameters:
        if name == "TYPE" and any(value.lower() == "pref" for value in values):
            return 0
        if name == "PREF" and values and _PREFERENCE.fullmatch(values[0]):
            rank = int(values[0])
    return rank


def qualifying(found: Property, *, primary: bool) -> tuple[tuple[str, ...], Parameters]:
    """Return types and other parameters; a list has one primary, others keep their PREF."""
    if not found.parameters:
        return (), ()
    types: dict[str, None] = {}
    rest = []
    for name, values in found.parameters:
        if name == "TYPE":
            types.update((value.lower(), None) for value in values if value)
        elif not primary or (name, values) != ("PREF", PREFERRED):
            rest.append((name, values))
    if "pref" in types:
        del types["pref"]
        if not primary and not found.parameter("PREF"):
            rest.append(("PREF", PREFERRED))
    return tuple(types), tuple(rest)


def _address(parts: list[str | None], qualifiers: _Qualifiers) -> Address:
    po_box, extended, street, locality, region, postal_code, country = parts
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
