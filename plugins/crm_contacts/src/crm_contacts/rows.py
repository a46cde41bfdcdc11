"""Between contacts and rows: one place that knows both shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table

from crm_contacts.contract import (
    Address,
    ContactDraft,
    Email,
    Link,
    Parameters,
    Phone,
    Position,
    RawProperty,
)
from crm_contacts.filter_keys import contact_keys, part_keys
from crm_contacts.lookups import lookups_of
from crm_contacts.models import (
    CONTACT_KEYS,
    address,
    contact,
    contact_word,
    duplicate_key,
    email,
    held_position,
    link,
    phone,
    word,
)
from crm_contacts.normal_forms import name_key

Channel = Email | Phone | Link | Address

#: Rows of several tables as plain values that JSON and COPY both take, by table.
Rows = dict[Table, list[dict[str, Any]]]

#: The tables of what a contact has several of, by the field of the contact.
PARTS: dict[str, Table] = {
    "emails": email,
    "phones": phone,
    "links": link,
    "addresses": address,
    "positions": held_position,
}

#: Columns of a part that are named unlike its field.
RENAMED = {"is_primary": "primary"}


def rows_of(
    workspace_id: UUID,
    contact_id: UUID,
    draft: ContactDraft,
    at: datetime,
    *,
    owner_id: UUID | None,
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield all rows of a new contact, which is normalised."""
    keys = {"workspace_id": workspace_id, "contact_id": contact_id}
    yield (
        contact,
        {
            "workspace_id": workspace_id,
            "id": contact_id,
            **contact_values(draft),
            "version": 1,
            "created_at": at,
            "updated_at": at,
            "owner_id": owner_id,
        },
    )
    for name, table in PARTS.items():
        for values in part_values(draft, name):
            yield table, keys | values
    lookups = lookups_of(draft)
    for found, weight in lookups.words.items():
        yield word, {"workspace_id": workspace_id, "word": found}
        yield contact_word, {**keys, "word": found, "weight": weight}
    for key in lookups.keys:
        yield duplicate_key, {**keys, "key": key}


def contact_values(draft: ContactDraft) -> dict[str, Any]:
    """Return the columns of a draft, without those that the repository sets."""
    values: dict[str, Any] = {
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
        "raw": [_raw_document(found) for found in draft.raw],
    }
    for name in CONTACT_KEYS:
        values[f"{name}_key"] = name_key(values["full_name" if name == "name" else name])
    return values | contact_keys(draft)


def part_values(draft: ContactDraft, name: str) -> Iterator[dict[str, Any]]:
    """Yield the columns of all emails, phones, links, addresses or jobs, without their keys."""
    items: tuple[Channel | Position, ...] = getattr(draft, name)
    for position, item in enumerate(items):
        values: dict[str, Any] = msgspec.to_builtins(item)
        if isinstance(item, Position):
            values["units"] = list(item.units)
        else:
            values["types"] = list(item.types)
            values["parameters"] = _parameters_document(item.parameters)
            for column, field in RENAMED.items():
                values[column] = values.pop(field)
        values["position"] = position
        values |= part_keys(item)
        yield values


def _raw_document(found: RawProperty) -> dict[str, Any]:
    return {
        "name": found.name,
        "value": found.value,
        "group": found.group,
        "parameters": _parameters_document(found.parameters),
    }


def _parameters_document(parameters: Parameters) -> Mapping[str, tuple[str, ...]]:
    return dict(parameters)
