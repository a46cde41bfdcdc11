"""The ways to reach a contact that the columns of a row describe together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from crm_contacts.contract import Address, Email, Link, Parameters, Phone
from crm_contacts.tables.kinds import kind_of
from crm_contacts.tables.targets import LABEL, VALUE, Kind, Thing

_PREFERRED = ("PREF", ("1",))
_STREETS = ("street", "street 2", "street 3")
_FORMATTED = "formatted"


@dataclass(slots=True)
class Described:
    """What a row says about one place in a list: the position of a cell and its values."""

    thing: Thing
    kind: Kind
    parts: dict[str, tuple[int, list[str]]] = field(default_factory=dict)


class _Qualifiers(TypedDict):
    """What emails, phones, addresses and links have in common."""

    types: tuple[str, ...]
    label: str | None
    primary: bool
    parameters: Parameters


class Channels:
    """The emails, phones, addresses and links of one contact as they fill up."""

    def __init__(self) -> None:
        self._with_primary: set[Thing] = set()
        self.emails: list[Email] = []
        self.phones: list[Phone] = []
        self.addresses: list[Address] = []
        self.links: list[Link] = []

    def first(self) -> str | None:
        """Return what a contact without any name may be called."""
        named = (
            *(email.address for email in self.emails),
            *(phone.number for phone in self.phones),
            *(link.url for link in self.links),
        )
        return next(iter(named), None)

    def add(self, described: Described) -> int | None:
        """Add what columns describe; return the position of a label that labels nothing.

        Columns with several values describe as many things, the first ones belonging together.
        """
        parts = dict(described.parts)
        label = parts.pop(LABEL, None)
        count = max((len(values) for _, values in parts.values()), default=0)
        added = 0
        for turn in range(count):
            said = {
                part: values[turn]
                for part, (_, values) in parts.items()
                if turn < len(values) and values[turn]
            }
            if said:
                kind = _kind(described.kind, label[1] if label else [], turn, count)
                self._append(described.thing, said, self._qualifiers(described.thing, kind))
                added += 1
        return label[0] if label and added < max(count, 1) else None

    def _append(self, thing: Thing, said: dict[str, str], qualifiers: _Qualifiers) -> None:
        if thing is Thing.EMAIL:
            self.emails.append(Email(address=said[VALUE], **qualifiers))
        elif thing is Thing.PHONE:
            self.phones.append(Phone(number=said[VALUE], **qualifiers))
        elif thing is Thing.LINK:
            self.links.append(Link(url=said[VALUE], **qualifiers))
        else:
            self.addresses.append(_address(said, qualifiers))

    def _qualifiers(self, thing: Thing, kind: Kind) -> _Qualifiers:
        primary = kind.primary and thing not in self._with_primary
        if primary:
            self._with_primary.add(thing)
        return _Qualifiers(
            types=kind.types,
            label=kind.label,
            primary=primary,
            parameters=(_PREFERRED,) if kind.primary and not primary else (),
        )


def _kind(kind: Kind, labels: list[str], turn: int, count: int) -> Kind:
    """Return the kind of one of `count` things, of which the labels may be one or as many."""
    if not labels:
        return kind
    return kind_of(labels[turn] if len(labels) == count else " ::: ".join(labels))


def _address(said: dict[str, str], qualifiers: _Qualifiers) -> Address:
    """Return an address; its text as a whole is what ADR calls its label (RFC 6350)."""
    formatted = said.pop(_FORMATTED, None)
    if formatted and not said:
        said["street"] = formatted
    elif formatted:
        qualifiers["parameters"] = (*qualifiers["parameters"], ("LABEL", (formatted,)))
    street = "\n".join(filter(None, (said.get(part) for part in _STREETS)))
    return Address(
        po_box=said.get("po_box"),
        extended=said.get("extended"),
        street=street or None,
        locality=said.get("locality"),
        region=said.get("region"),
        postal_code=said.get("postal_code"),
        country=said.get("country"),
        **qualifiers,
    )
