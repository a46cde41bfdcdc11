"""Statements that move what contacts have with a merge, and give it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from meishi.sdk.database import execute

#: By kind: the table, the column of the contact, and what else changes with it.
_KINDS = {
    "card": ("qr.card", "contact_id", "version = t.version + 1, updated_at = %(at)s"),
    "exchange": ("qr.exchange", "visitor_contact_id", "version = t.version + 1"),
}
_MOVE = """
    WITH moved AS (
        UPDATE {table} t SET {column} = %(target)s, {more}
        WHERE {column} = %(source)s RETURNING workspace_id, id
    ), noted AS (
        INSERT INTO qr.moved (workspace_id, kind, id, contact_id)
        SELECT workspace_id, %(kind)s, id, %(source)s FROM moved ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM moved
"""
#: What was moved on since with its contact is noted under that, too; those notes are of no use.
_GIVE_BACK = """
    WITH returned AS (
        UPDATE {table} t SET {column} = %(owner)s, {more}
        WHERE {column} = %(target)s AND EXISTS (
            SELECT FROM qr.moved m WHERE m.kind = %(kind)s AND m.id = t.id
                AND m.contact_id = ANY(%(sources)s::uuid[]))
        RETURNING id
    ), forgotten AS (
        DELETE FROM qr.moved m USING returned r
        WHERE m.kind = %(kind)s AND m.id = r.id AND m.contact_id <> ALL(%(further)s::uuid[])
    )
    SELECT count(*) FROM returned
"""
_KEPT = """
    DELETE FROM qr.moved WHERE kind = %(kind)s AND contact_id = %(owner)s RETURNING 1
"""


def move(kind: str, source_id: UUID, target_id: UUID, at: datetime) -> int:
    """Let what one contact has be another's; return how much that was."""
    values = {"kind": kind, "source": source_id, "target": target_id, "at": at}
    return int(execute(_statement(_MOVE, kind), values)[0][0])


def give_back(
    kind: str, source_ids: Sequence[UUID], target_id: UUID, at: datetime
) -> tuple[int, int]:
    """Give what came from the sources and is the target's to the first of them.

    Returns how much went back, and how much stays, as it is not the target's any more.
    """
    values = {
        "kind": kind,
        "owner": source_ids[0],
        "sources": list(source_ids),
        "further": list(source_ids[1:]),
        "target": target_id,
        "at": at,
    }
    returned = int(execute(_statement(_GIVE_BACK, kind), values)[0][0])
    return returned, len(execute(_KEPT, values))


def _statement(statement: str, kind: str) -> str:
    table, column, more = _KINDS[kind]
    return statement.format(table=table, column=column, more=more)
