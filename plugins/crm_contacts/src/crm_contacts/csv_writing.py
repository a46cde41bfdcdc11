"""Contacts as a table of our own, with columns like those of Google Contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crm_contacts.card_positions import position_value
from crm_contacts.contract import Address, Contact, CustomField, Email, Link, Phone
from crm_contacts.csv_cells import MARK, lines
from crm_contacts.custom_values import text_of
from crm_contacts.tables.own_columns import own_heading

#: How many emails, phones, addresses and links have columns of their own; the last of these hold
#: whatever comes behind, one after the other, as Google writes it.
PLACES = 3
SEPARATOR = " ::: "

_TEXTS = (
    "Name", "First Name", "Middle Name", "Last Name", "Name Prefix", "Name Suffix", "Nickname",
    "Organization Name", "Organization Title", "Organization Department", "Occupation",
    "Birthday", "Notes", "Job History", "Kind", "UID", "Tags",
)  # fmt: skip
_ADDRESS = (
    "Street", "City", "PO Box", "Region", "Postal Code", "Country", "Extended Address",
)  # fmt: skip
_CHANNELS = (
    ("E-mail", ("Value",)),
    ("Phone", ("Value",)),
    ("Address", _ADDRESS),
    ("Website", ("Value",)),
)
_LABELS = {frozenset({"cell"}): "Mobile", frozenset({"work", "fax"}): "Work Fax"}

Channel = Email | Phone | Address | Link


def header(fields: Sequence[CustomField] = ()) -> bytes:
    """Return the first line, behind the mark by which spreadsheets know UTF-8.

    Custom fields have a column each, behind all others.
    """
    names = [*_TEXTS]
    for name, parts in _CHANNELS:
        for place in range(1, PLACES + 1):
            names += [f"{name} {place} - {part}" for part in ("Label", *parts)]
    return MARK + lines([[*names, *map(own_heading, fields)]])


def rows(contacts: Iterable[Contact], fields: Sequence[CustomField] = ()) -> bytes:
    """Return a line for each contact; no cell is a formula to any spreadsheet."""
    return lines([*_cells(contact), *_custom(contact, fields)] for contact in contacts)


def _custom(contact: Contact, fields: Sequence[CustomField]) -> Iterator[str]:
    values = dict(contact.custom)
    return (text_of(values[field.key]) if field.key in values else "" for field in fields)


def _cells(contact: Contact) -> Iterator[str]:
    name = contact.name
    yield from (
        text or ""
        for text in (
            name.full, name.given, name.additional, name.family, name.prefix, name.suffix,
            SEPARATOR.join(contact.nicknames), contact.organisation, contact.title,
            SEPARATOR.join(contact.units), contact.role, contact.birthday, contact.note,
            "\n".join(map(position_value, contact.positions)), contact.kind.value, contact.uid,
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


def channel_cells(
    labels: Sequence[str], parts: Sequence[Sequence[str]], width: int
) -> Iterator[str]:
    """Yield the columns of all emails, or of all phones, and so on; `width` is that of one."""
    described = [[label, *said] for label, said in zip(labels, parts, strict=True)]
    for place in range(PLACES):
        last = place == PLACES - 1
        found = described[place:] if last else described[place : place + 1]
        for column in range(width):
            yield SEPARATOR.join(item[column] for item in found)


def _parts(address: Address) -> list[str]:
    parts = (
        address.street, address.locality, address.po_box, address.region,
        address.postal_code, address.country, address.extended,
    )  # fmt: skip
    return [part or "" for part in parts]


def label_of(item: Channel) -> str:
    """Return the word for what kind of thing it is, as people and Google say it.

    A star marks the primary one.
    """
    types = [kind for kind in item.types if kind not in {"internet", "pref", "voice"}]
    word = item.label or _LABELS.get(frozenset(types)) or (types[0].title() if types else "")
    return f"* {word}".strip() if item.primary else word
