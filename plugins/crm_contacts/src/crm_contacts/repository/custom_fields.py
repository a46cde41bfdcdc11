"""Statements about custom fields and their values.

As with tags, contacts are locked before fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import CustomField, CustomFieldType, CustomValue
from crm_contacts.custom_values import MAX_FIELDS, checked, key_of
from crm_contacts.repository import attached_words
from crm_contacts.words import CUSTOM
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = "id, key, title, type, choices, version, created_at"
_READ = f"SELECT {_COLUMNS} FROM crm_contacts.custom_field"
_ADD = f"""
    INSERT INTO crm_contacts.custom_field (workspace_id, {_COLUMNS})
    VALUES (%(workspace)s, %(id)s, %(key)s, %(title)s, %(type)s, %(choices)s::text[], 1, %(at)s)
    ON CONFLICT (workspace_id, key) DO NOTHING RETURNING id
"""
#: Nobody changes or deletes them until the commit.
_HOLD = f"{_READ} WHERE key = ANY(%(keys)s::text[]) ORDER BY key FOR SHARE"
_CHANGE = """
    UPDATE crm_contacts.custom_field
    SET title = %(title)s, type = %(type)s, choices = %(choices)s::text[], version = version + 1
    WHERE id = %(id)s AND version = %(version)s RETURNING id
"""
_PUT = """
    INSERT INTO crm_contacts.custom_value (workspace_id, contact_id, field_id, value, key)
    SELECT %(workspace)s::uuid, contact_id, field_id, value::json, key
    FROM unnest(%(contacts)s::uuid[], %(fields)s::uuid[], %(values)s::text[], %(keys)s::text[])
        AS new (contact_id, field_id, value, key)
    ON CONFLICT (workspace_id, contact_id, field_id)
        DO UPDATE SET value = excluded.value, key = excluded.key
"""
_KEEP = """
    DELETE FROM crm_contacts.custom_value
    WHERE contact_id = %(id)s AND NOT field_id = ANY(%(fields)s::uuid[])
"""
_VALUES = """
    SELECT contact_id, value::text FROM crm_contacts.custom_value
    WHERE field_id = %(id)s AND contact_id > %(after)s ORDER BY contact_id LIMIT %(limit)s
"""
#: In the order of ids, so that of two callers neither waits for the other.
_TOUCH = """
    UPDATE crm_contacts.contact SET version = version + 1, updated_at = %(at)s
    WHERE id IN (
        SELECT id FROM crm_contacts.contact
        WHERE id IN (SELECT contact_id FROM crm_contacts.custom_value WHERE field_id = %(id)s)
            AND deleted_at IS NULL AND NOT id = ANY(%(done)s::uuid[])
        ORDER BY id FOR NO KEY UPDATE
    ) RETURNING id
"""
_WORDED = tuple(
    kind.value for kind in (CustomFieldType.TEXT, CustomFieldType.URL, CustomFieldType.CHOICE)
)
_TEXTS = """
    SELECT v.contact_id, v.value #>> '{}' FROM crm_contacts.custom_value v
    JOIN crm_contacts.custom_field f ON f.workspace_id = v.workspace_id AND f.id = v.field_id
    WHERE v.contact_id = ANY(%(ids)s::uuid[]) AND f.type = ANY(%(types)s::text[])
    ORDER BY v.contact_id, f.key
"""
_LOCK = "SELECT id FROM crm_contacts.custom_field WHERE id = %(id)s FOR UPDATE"


def add(new: CustomField) -> bool:
    """Insert a field; return False if there is one with its key."""
    return bool(execute(_ADD, _values_of(new) | {"at": new.created_at}))


def get(field_id: UUID) -> CustomField | None:
    """Return one field."""
    found = _read(f"{_READ} WHERE id = %(id)s", {"id": field_id})
    return found[0] if found else None


def page(after: UUID | None, limit: int) -> list[CustomField]:
    """Return fields in order of creation."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return _read(f"{_READ} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def count() -> int:
    """Return how many fields there are."""
    return int(execute("SELECT count(*) FROM crm_contacts.custom_field", {})[0][0])


def every() -> dict[str, CustomField]:
    """Return all fields by their keys."""
    return {field.key: field for field in page(None, MAX_FIELDS)}


def by_key(keys: Sequence[str], *, hold: bool = False) -> dict[str, CustomField]:
    """Return the fields with some keys; what is held stays as it is until the commit."""
    statement = _HOLD if hold else f"{_READ} WHERE key = ANY(%(keys)s::text[])"
    return {field.key: field for field in _read(statement, {"keys": list(keys)})}


def change(field: CustomField, version: int) -> bool:
    """Write a field that has a version; tell whether it had."""
    return bool(execute(_CHANGE, _values_of(field) | {"version": version}))


def delete(field_id: UUID) -> None:
    """Delete a field with all its values."""
    execute("DELETE FROM crm_contacts.custom_field WHERE id = %(id)s", {"id": field_id})


def count_values(field_id: UUID) -> int:
    """Return how many contacts have a value in a field."""
    statement = "SELECT count(*) FROM crm_contacts.custom_value WHERE field_id = %(id)s"
    return int(execute(statement, {"id": field_id})[0][0])


def values(field_id: UUID, after: UUID | None, limit: int) -> list[tuple[UUID, CustomValue]]:
    """Return values of a field with the contacts that have them, by the ids of these."""
    asked = {"id": field_id, "after": after or UUID(int=0), "limit": limit}
    return [(found, msgspec.json.decode(text)) for found, text in execute(_VALUES, asked)]


def put(rows: Sequence[tuple[UUID, UUID, CustomValue]]) -> None:
    """Write values: of which contact, in which field, and which; `index` lets them be found."""
    if not rows:
        return
    written = {
        "workspace": current_workspace(),
        "contacts": [contact_id for contact_id, _, _ in rows],
        "fields": [field_id for _, field_id, _ in rows],
        "values": [msgspec.json.encode(value).decode() for _, _, value in rows],
        "keys": [key_of(value) for _, _, value in rows],
    }
    execute(_PUT, written)


def add_values(rows: Sequence[tuple[UUID, str, CustomValue]]) -> None:
    """Write values by the keys of their fields, as these take them now.

    Of a field that is gone by now there are none; raises `UnfitValue` if one takes others by now.
    """
    held = by_key(sorted({key for _, key, _ in rows}), hold=True) if rows else {}
    put([(of, held[key].id, checked(held[key], value)) for of, key, value in rows if key in held])
    index(list(dict.fromkeys(of for of, _, _ in rows)))


def replace(contact_id: UUID, wanted: Mapping[UUID, CustomValue]) -> None:
    """Let a contact have these values, by field, and no others."""
    put([(contact_id, field_id, value) for field_id, value in wanted.items()])
    execute(_KEEP, {"id": contact_id, "fields": list(wanted)})
    index([contact_id])


def index(contact_ids: Sequence[UUID]) -> None:
    """Let a search find contacts by the texts, links and choices that they have by now."""
    texts: dict[UUID, list[str]] = {contact_id: [] for contact_id in contact_ids}
    if not texts:
        return
    for contact_id, text in execute(_TEXTS, {"ids": list(texts), "types": list(_WORDED)}):
        texts[contact_id].append(text)
    attached_words.put(CUSTOM, texts)


def touch(field_id: UUID, at: datetime) -> list[UUID]:
    """Let all contacts with a value be changed, and nobody write to the field until the commit.

    What somebody writes before that lock is found in a second look. Returns the contacts.
    """
    first = _touched(field_id, at, [])
    execute(_LOCK, {"id": field_id})
    return [*first, *_touched(field_id, at, first)]


def _touched(field_id: UUID, at: datetime, done: list[UUID]) -> list[UUID]:
    rows = execute(_TOUCH, {"id": field_id, "at": at, "done": done})
    return [contact_id for (contact_id,) in rows]


def _values_of(field: CustomField) -> dict[str, Any]:
    return {
        "workspace": current_workspace(), "id": field.id, "key": field.key, "title": field.title,
        "type": field.type.value, "choices": list(field.choices),
    }  # fmt: skip


def _read(statement: str, values: dict[str, Any]) -> list[CustomField]:
    return [
        CustomField(
            id=found,
            key=key,
            title=title,
            type=CustomFieldType(kind),
            choices=tuple(choices),
            version=version,
            created_at=created_at,
        )
        for found, key, title, kind, choices, version, created_at in execute(statement, values)
    ]
