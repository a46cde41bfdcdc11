"""Statements about segments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import Segment
from crm_contacts.repository.names import unique_names
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Condition
from meishi.sdk.database import execute

_COLUMNS = "id, name, conditions, version, created_at"
_READ = "SELECT id, name, conditions::text, version, created_at FROM crm_contacts.segment"
_ADD = f"""
    INSERT INTO crm_contacts.segment (workspace_id, {_COLUMNS}, key)
    VALUES (%(workspace)s, %(id)s, %(name)s, %(conditions)s::json, 1, %(at)s, %(key)s)
    ON CONFLICT (workspace_id, key) DO NOTHING RETURNING id
"""
_CHANGE = """
    UPDATE crm_contacts.segment
    SET name = %(name)s, key = %(key)s, conditions = %(conditions)s::json, version = version + 1
    WHERE id = %(id)s AND version = %(version)s RETURNING id
"""


def add(new: Segment) -> bool:
    """Insert a segment; return False if there is one with its name."""
    return bool(execute(_ADD, _values(new) | {"at": new.created_at}))


def get(segment_id: UUID) -> Segment | None:
    """Return one segment."""
    found = _read(f"{_READ} WHERE id = %(id)s", {"id": segment_id})
    return found[0] if found else None


def named(name: str) -> Segment | None:
    """Return the segment with a name, whatever its case."""
    found = _read(f"{_READ} WHERE key = %(key)s", {"key": tag_key(name)})
    return found[0] if found else None


def page(after: UUID | None, limit: int) -> list[Segment]:
    """Return segments in order of creation."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return _read(f"{_READ} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def count() -> int:
    """Return how many segments there are."""
    return int(execute("SELECT count(*) FROM crm_contacts.segment", {})[0][0])


def change(segment: Segment, version: int) -> bool:
    """Write a segment that has a version; tell whether it had.

    Raises `NameTaken` if another one has the name by now.
    """
    with unique_names():
        return bool(execute(_CHANGE, _values(segment) | {"version": version}))


def delete(segment_id: UUID) -> None:
    """Delete a segment."""
    execute("DELETE FROM crm_contacts.segment WHERE id = %(id)s", {"id": segment_id})


def _values(segment: Segment) -> dict[str, Any]:
    return {
        "workspace": current_workspace(),
        "id": segment.id,
        "name": segment.name,
        "key": tag_key(segment.name),
        "conditions": msgspec.json.encode(segment.conditions).decode(),
    }


def _read(statement: str, values: dict[str, Any]) -> list[Segment]:
    return [
        Segment(
            id=found,
            name=name,
            conditions=msgspec.json.decode(conditions, type=tuple[Condition, ...]),
            version=version,
            created_at=created_at,
        )
        for found, name, conditions, version, created_at in execute(statement, values)
    ]
