"""Between contacts and rows: one place that knows both shapes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Table

from crm_contacts.contract import (
    Address,
    Contact,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Phone,
    RawProperty,
)
from crm_contacts.models import address, email, link, phone

Channel = Email | Phone | Link | Address

#: The tables of what a contact has several of, by the field of the contact.
PARTS: dict[str, Table] = {"emails": email, "phones": phone, "links": link, "addresses": address}

_PART_TYPES: dict[str, Any] = {
    "emails": tuple[Email, ...],
    "phones": tuple[Phone, ...],
    "links": tuple[Link, ...],
    "addresses": tuple[Address, ...],
}

#: Columns of a part that are named unlike its field.
RENAMED = {"is_primary": "primary"}


def contact_values(draft: ContactDraft) -> dict[str, Any]:
    """Return the columns of a draft, without those that the repository sets."""
    return {
        "kind": draft.kind.value,
        "uid": draft.uid,
        "full_name": draft.name.full,
        "given_name": draft.name.given,
        "family_name": draft.name.family,
        "additional_name": draft.name.additional,
        "name_prefix": draft.name.prefix,
        "name_suffix": draft.name.suffix,
        "nicknames": list(draft.nicknames),
        "organisation": draft.organisation,
        "units": list(draft.units),
        "title": draft.title,
        "role": draft.role,
        "birthday": draft.birthday,
        "note": draft.note,
        "raw": msgspec.to_builtins(draft.raw),
    }


def part_values(contact_id: UUID, position: int, channel: Channel) -> dict[str, Any]:
    """Return the columns of one email, phone, link or address."""
    values: dict[str, Any] = msgspec.to_builtins(channel)
    values["types"] = list(channel.types)
    for column, name in RENAMED.items():
        values[column] = values.pop(name)
    return values | {"contact_id": contact_id, "position": position}


def contact_from_row(row: Row[Any]) -> Contact:
    """Return the contact in a row of the repository's SELECT."""
    parts = {name: msgspec.convert(getattr(row, name), kind) for name, kind in _PART_TYPES.items()}
    return Contact(
        id=row.id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        kind=ContactKind(row.kind),
        uid=row.uid,
        name=Name(
            full=row.full_name,
            given=row.given_name,
            family=row.family_name,
            additional=row.additional_name,
            prefix=row.name_prefix,
            suffix=row.name_suffix,
        ),
        nicknames=tuple(row.nicknames),
        organisation=row.organisation,
        units=tuple(row.units),
        title=row.title,
        role=row.role,
        birthday=row.birthday,
        note=row.note,
        raw=msgspec.convert(row.raw, tuple[RawProperty, ...]),
        **parts,
    )
