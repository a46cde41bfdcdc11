"""Statements that give relationships back which a merge had moved to another contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.relationship"
_OF_CONTACT = f"""
    SELECT coalesce(json_agg(r ORDER BY r.id), '[]')::text FROM (
        SELECT id, source_id, target_id, type, note, version, created_at FROM {_TABLE}
        WHERE source_id = %(id)s OR target_id = %(id)s
    ) AS r
"""
_THERE = f"SELECT id FROM {_TABLE} WHERE id = ANY(%(ids)s::uuid[])"
_WANTED = """
    FROM json_to_recordset(%(rows)s::json) AS w(
        id uuid, source_id uuid, target_id uuid, type text, note text, version integer,
        created_at timestamptz)
"""
_SOURCE = "CASE WHEN w.source_id = %(source)s::uuid THEN w.source_id ELSE r.source_id END"
_TARGET = "CASE WHEN w.target_id = %(source)s::uuid THEN w.target_id ELSE r.target_id END"
_MOVE = f"""
    UPDATE {_TABLE} r SET source_id = {_SOURCE}, target_id = {_TARGET}, version = r.version + 1
    {_WANTED}
    WHERE r.id = w.id AND ((w.source_id = %(source)s AND r.source_id = %(target)s)
        OR (w.target_id = %(source)s AND r.target_id = %(target)s))
        AND NOT EXISTS (SELECT FROM {_TABLE} o WHERE o.id <> r.id AND o.type = r.type
            AND o.source_id = {_SOURCE} AND o.target_id = {_TARGET})
    RETURNING r.id
"""
#: What was dropped leads to whoever the other end is today.
_TODAY = """
    CASE WHEN w.{end} = %(source)s THEN w.{end} ELSE coalesce(
        (SELECT c.merged_into FROM crm_contacts.contact c WHERE c.id = w.{end}), w.{end}) END
"""
_ADD = f"""
    INSERT INTO {_TABLE} (workspace_id, id, source_id, target_id, type, note, version, created_at,
        deleted_ends)
    SELECT %(workspace)s, n.id, n.source, n.target, n.type, n.note, n.version + 1, n.created_at, 0
    FROM (
        SELECT w.*, {_TODAY.format(end="source_id")} AS source,
            {_TODAY.format(end="target_id")} AS target
        {_WANTED}
    ) AS n
    WHERE n.source <> n.target
        AND EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = n.source)
        AND EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = n.target)
    ON CONFLICT DO NOTHING RETURNING id
"""
_COUNT_ENDS = f"""
    UPDATE {_TABLE} r SET deleted_ends = (
        SELECT count(*) FROM crm_contacts.contact c
        WHERE c.id IN (r.source_id, r.target_id) AND c.deleted_at IS NOT NULL)
    WHERE r.id = ANY(%(ids)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Which relationships are a contact's own again, and how many somebody has removed since."""

    ids: tuple[UUID, ...]
    removed: int


def written(contact_id: UUID) -> list[dict[str, Any]]:
    """Return every relationship of a contact, as JSON has it."""
    rows = execute(_OF_CONTACT, {"id": contact_id})
    found: list[dict[str, Any]] = msgspec.json.decode(rows[0][0])
    return found


def mark_dropped(rows: list[dict[str, Any]]) -> str:
    """Return relationships as JSON text, after a merge: which of them it has dropped."""
    ids = [row["id"] for row in rows]
    there = {str(found) for (found,) in execute(_THERE, {"ids": ids})}
    marked = [row | {"dropped": row["id"] not in there} for row in rows]
    return msgspec.json.encode(marked).decode()


def give_back(source_id: UUID, target_id: UUID, text: str) -> GivenBack:
    """Let relationships be those of a contact again that a merge has moved or dropped."""
    rows: list[dict[str, Any]] = msgspec.json.decode(text)
    dropped = [row for row in rows if row["dropped"]]
    kept = [row for row in rows if not row["dropped"]]
    values: dict[str, Any] = {
        "source": source_id, "target": target_id, "workspace": current_workspace(),
    }  # fmt: skip
    # What was dropped between two that were merged is there once the first of them is back.
    ids = [found for (found,) in execute(_MOVE, values | {"rows": _json(rows)})]
    ids += [found for (found,) in execute(_ADD, values | {"rows": _json(dropped)})]
    execute(_COUNT_ENDS, {"ids": ids})
    there = execute(_THERE, {"ids": [row["id"] for row in kept]})
    return GivenBack(tuple(sorted(ids)), len(kept) - len(there))


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
