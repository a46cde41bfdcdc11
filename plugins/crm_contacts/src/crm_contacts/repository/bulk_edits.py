"""Statements about edits of many contacts that are under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from crm_contacts.contract import Edits
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Condition
from meishi.sdk.database import execute

_ADD = """
    INSERT INTO crm_contacts.bulk_edit
        (workspace_id, id, edits, conditions, contact_ids, position, done, changed, total,
        created_at)
    VALUES (%(workspace)s, %(id)s, %(edits)s::json, %(conditions)s::json, %(contacts)s::uuid[],
        '{}', 0, 0, %(total)s, %(at)s)
"""
#: One step at a time, whoever else does the same.
_GET = """
    SELECT edits::text, conditions::text, contact_ids, position, done, changed, total,
        passed_over::text
    FROM crm_contacts.bulk_edit WHERE id = %(id)s FOR UPDATE
"""
_ADVANCE = """
    UPDATE crm_contacts.bulk_edit
    SET position = %(position)s::text[], done = %(done)s, changed = %(changed)s,
        passed_over = %(passed_over)s::json
    WHERE id = %(id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """An edit and how far it has come: behind which contact, by the ids of contacts.

    `passed_over` counts contacts by why something was not done with them.
    """

    id: UUID
    edits: Edits
    contact_ids: Sequence[UUID] | None
    conditions: tuple[Condition, ...]
    position: tuple[str, ...] = ()
    done: int = 0
    changed: int = 0
    total: int | None = None
    passed_over: Mapping[str, int] = field(default_factory=dict)


def add(edit: BulkEdit, at: datetime) -> None:
    """Insert an edit that has not begun."""
    values = {
        "workspace": current_workspace(),
        "id": edit.id,
        "edits": msgspec.json.encode(edit.edits).decode(),
        "conditions": msgspec.json.encode(edit.conditions).decode(),
        "contacts": None if edit.contact_ids is None else list(edit.contact_ids),
        "total": edit.total,
        "at": at,
    }
    execute(_ADD, values)


def get(edit_id: UUID) -> BulkEdit | None:
    """Return an edit, which nobody else goes on with until the commit."""
    for row in execute(_GET, {"id": edit_id}):
        edits, conditions, contact_ids, position, done, changed, total, passed_over = row
        return BulkEdit(
            id=edit_id,
            edits=msgspec.json.decode(edits, type=Edits),
            contact_ids=contact_ids,
            conditions=msgspec.json.decode(conditions, type=tuple[Condition, ...]),
            position=tuple(position),
            done=done,
            changed=changed,
            total=total,
            passed_over=msgspec.json.decode(passed_over, type=dict[str, int]),
        )
    return None


def advance(edit: BulkEdit) -> None:
    """Write how far an edit has come."""
    values = {
        "id": edit.id, "position": list(edit.position), "done": edit.done, "changed": edit.changed,
        "passed_over": msgspec.json.encode(edit.passed_over).decode(),
    }  # fmt: skip
    execute(_ADVANCE, values)


def delete(edit_id: UUID) -> None:
    """Delete an edit."""
    execute("DELETE FROM crm_contacts.bulk_edit WHERE id = %(id)s", {"id": edit_id})


def forget(before: datetime) -> None:
    """Delete edits that were asked for before a time: cancelled, or failed for good."""
    execute("DELETE FROM crm_contacts.bulk_edit WHERE created_at < %(at)s", {"at": before})
