"""Contacts as a table with the very columns of Google Contacts, for its import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crm_contacts.contract import Address, Contact, ContactKind, Name
from crm_contacts.csv_cells import MARK, lines
from crm_contacts.csv_writing import PLACES, SEPARATOR, Channel, channel_cells, label_of

_TEXTS = (
    "First Name", "Middle Name", "Last Name", "Phonetic First Name", "Phonetic Middle Name",
    "Phonetic Last Name", "Name Prefix", "Name Suffix", "Nickname", "File As",
    "Organization Name", "Organization Title", "Organization Department", "Birthday", "Notes",
    "Photo", "Labels",
)  # fmt: skip
_ADDRESS = (
    "Country", "Street", "Extended Address", "City", "Region", "Postal Code", "PO Box",
)  # fmt: skip
_CHANNELS = (
    ("E-mail", ("Value",)),
    ("Phone", ("Value",)),
    ("Address", _ADDRESS),
    ("Website", ("Value",)),
)
_ROLE = "Role"
_CUSTOM = ("Custom Field 1 - Label", "Custom Field 1 - Value")


def header() -> bytes:
    """Return the first line."""
    names = [*_TEXTS]
    for name, parts in _CHANNELS:
        for place in range(1, PLACES + 1):
            names += [f"{name} {place} - {part}" for part in ("Label", *parts)]
    return MARK + lines([[*names, *_CUSTOM]])


def rows(contacts: Iterable[Contact]) -> bytes:
    """Return a line for each contact."""
    return lines(list(_cells(contact)) for contact in contacts)


def _cells(contact: Contact) -> Iterator[str]:
    given, family = name_parts(contact)
    name = contact.name
    file_as = "" if spoken(name) in {"", name.full} else name.full
    yield from (
        text or ""
        for text in (
            given, name.additional, family, None, None, None, name.prefix, name.suffix,
            SEPARATOR.join(contact.nicknames), file_as, contact.organisation, contact.title,
            SEPARATOR.join(contact.units), contact.birthday, contact.note, None,
            SEPARATOR.join(contact.tags),
        )
    )  # fmt: skip
    channels: Sequence[tuple[Sequence[Channel], list[list[str]]]] = (
        (contact.emails, [[item.address] for item in contact.emails]),
        (contact.phones, [[item.number] for item in contact.phones]),
        (contact.addresses, [_parts(item) for item in contact.addresses]),
        (contact.links, [[item.url] for item in contact.links]),
    )
    for (items, parts), (_, columns) in zip(channels, _CHANNELS, strict=True):
        yield from channel_cells([label_of(item) for item in items], parts, 1 + len(columns))
    yield from (_ROLE, contact.role) if contact.role else ("", "")


def name_parts(contact: Contact) -> tuple[str | None, str | None]:
    """Return given and family name; of a name without parts, all of it is the given one.

    The name of an organisation is that of the organisation alone.
    """
    name = contact.name
    is_said = contact.kind is ContactKind.ORG and contact.organisation == name.full
    if spoken(name) or is_said:
        return name.given, name.family
    return name.full, None


def spoken(name: Name) -> str:
    """Return a name as its parts say it."""
    parts = (name.prefix, name.given, name.additional, name.family, name.suffix)
    return " ".join(filter(None, parts))


def _parts(address: Address) -> list[str]:
    parts = (
        address.country, address.street, address.extended, address.locality, address.region,
        address.postal_code, address.po_box,
    )  # fmt: skip
    return [part or "" for part in parts]
