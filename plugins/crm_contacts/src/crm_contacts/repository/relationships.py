"""Statements about relationships between contacts.

How many of its ends are deleted stands in a relationship itself: who deletes the first of them, or
restores the last, finds out by changing the row, whatever others do with the other end meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from crm_contacts.contract import Relationship, RelationshipType
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = "id, source_id, target_id, type, note, version, created_at"
_OF_R = ", ".join(f"r.{name}" for name in _COLUMNS.split(", "))
_TABLE = "crm_contacts.relationship"
_READ = f"SELECT {_COLUMNS} FROM {_TABLE} WHERE deleted_ends = 0"

#: In the order of ids, so that of two callers neither waits for the other; until the commit,
#: nobody deletes them.
_LOCK = """
    SELECT id FROM crm_contacts.contact
    WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL ORDER BY id FOR SHARE
"""
_ADD = f"""
    INSERT INTO {_TABLE} (workspace_id, {_COLUMNS}, deleted_ends)
    VALUES (%(workspace)s, %(id)s, %(source)s, %(target)s, %(type)s, %(note)s, %(version)s,
        %(at)s, 0)
    ON CONFLICT (workspace_id, source_id, target_id, type) DO NOTHING RETURNING id
"""
_DELETE = f"""
    DELETE FROM {_TABLE} WHERE id = %(id)s AND deleted_ends = 0
        AND (%(versions)s::integer[] IS NULL OR version = ANY(%(versions)s::integer[]))
    RETURNING {_COLUMNS}
"""
_OF_END = f"({_READ} AND {{end}} = %(contact)s AND id > %(after)s ORDER BY id LIMIT %(limit)s)"
_OF_CONTACT = (
    f"{_OF_END.format(end='source_id')} UNION ALL {_OF_END.format(end='target_id')}"
    " ORDER BY id LIMIT %(limit)s"
)
_TOUCHED = "(source_id = ANY(%(ids)s::uuid[]) OR target_id = ANY(%(ids)s::uuid[]))"
_COUNT_ENDS = f"""
    UPDATE {_TABLE} r SET deleted_ends = r.deleted_ends + %(more)s * n.ends
    FROM (
        SELECT id, (source_id = ANY(%(ids)s::uuid[]))::integer
            + (target_id = ANY(%(ids)s::uuid[]))::integer AS ends
        FROM {_TABLE} WHERE {_TOUCHED} ORDER BY id FOR UPDATE
    ) n WHERE r.id = n.id
    RETURNING {_OF_R}, r.deleted_ends - CASE WHEN %(more)s > 0 THEN n.ends ELSE 0 END
"""
_ERASE = f"DELETE FROM {_TABLE} WHERE {_TOUCHED} RETURNING {_COLUMNS}, deleted_ends"

_MOVED = "CASE WHEN {end} = ANY(%(ids)s::uuid[]) THEN %(target)s::uuid ELSE {end} END"
_NEW_SOURCE, _NEW_TARGET = _MOVED.format(end="source_id"), _MOVED.format(end="target_id")
#: Of several that become the same, one stays: that of the contact that stays, or the eldest.
_DROP = f"""
    DELETE FROM {_TABLE} WHERE id IN (
        SELECT id FROM (
            SELECT id, source, target,
                row_number() OVER (PARTITION BY source, target, type ORDER BY touched, id) AS place
            FROM (
                SELECT id, type, {_NEW_SOURCE} AS source, {_NEW_TARGET} AS target,
                    {_TOUCHED} AS touched
                FROM {_TABLE}
                WHERE {_TOUCHED} OR source_id = %(target)s::uuid OR target_id = %(target)s::uuid
            ) AS united
        ) AS numbered
        WHERE source = target OR place > 1
    )
    RETURNING {_COLUMNS}, deleted_ends
"""
_MOVE = f"""
    UPDATE {_TABLE} SET source_id = {_NEW_SOURCE}, target_id = {_NEW_TARGET}, version = version + 1
    WHERE {_TOUCHED}
"""


def lock_contacts(contact_ids: Sequence[UUID]) -> set[UUID]:
    """Let nobody delete contacts until the commit; return those that there are."""
    rows = execute(_LOCK, {"ids": list(contact_ids)})
    return {contact_id for (contact_id,) in rows}


def add(new: Relationship) -> bool:
    """Insert a relationship; return False if there is one between both of the same type."""
    values = {
        "workspace": current_workspace(), "id": new.id, "source": new.source_id,
        "target": new.target_id, "type": new.type.value, "note": new.note,
        "version": new.version, "at": new.created_at,
    }  # fmt: skip
    return bool(execute(_ADD, values))


def get(relationship_id: UUID) -> Relationship | None:
    """Return one relationship."""
    found = get_many([relationship_id])
    return found[0] if found else None


def get_many(relationship_ids: Sequence[UUID]) -> list[Relationship]:
    """Return relationships by their ids, in no particular order."""
    return _read(f"{_READ} AND id = ANY(%(ids)s::uuid[])", {"ids": list(relationship_ids)})


def page(contact_id: UUID | None, after: UUID | None, limit: int) -> list[Relationship]:
    """Return relationships in order of creation: of one contact, or all."""
    values = {"contact": contact_id, "after": after or UUID(int=0), "limit": limit}
    if contact_id is not None:
        return _read(_OF_CONTACT, values)
    return _read(f"{_READ} AND id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def count(contact_id: UUID | None) -> int:
    """Return how many relationships there are: of one contact, or all."""
    statement = f"SELECT count(*) FROM {_TABLE} WHERE deleted_ends = 0"
    if contact_id is not None:
        statement += " AND (source_id = %(contact)s OR target_id = %(contact)s)"
    return int(execute(statement, {"contact": contact_id})[0][0])


def delete(relationship_id: UUID, versions: Sequence[int] | None) -> Relationship | None:
    """Delete a relationship that has one of the versions, and return it as it was."""
    wanted = None if versions is None else list(versions)
    found = _read(_DELETE, {"id": relationship_id, "versions": wanted})
    return found[0] if found else None


def hide(contact_ids: Sequence[UUID]) -> list[Relationship]:
    """Count contacts as deleted; return the relationships that this hides."""
    return _counted(execute(_COUNT_ENDS, {"ids": list(contact_ids), "more": 1}), 0)


def show(contact_ids: Sequence[UUID]) -> list[Relationship]:
    """Count contacts as restored; return the relationships that this shows."""
    return _counted(execute(_COUNT_ENDS, {"ids": list(contact_ids), "more": -1}), 0)


def erase(contact_ids: Sequence[UUID]) -> list[Relationship]:
    """Delete every relationship of contacts; return those that were shown."""
    return _counted(execute(_ERASE, {"ids": list(contact_ids)}), 0)


def move(source_ids: Sequence[UUID], target_id: UUID) -> list[Relationship]:
    """Let the relationships of contacts be those of another one; return those that are dropped.

    These would lead from the contact to itself, or say what another one says. Ones that were
    hidden are not returned.
    """
    values = {"ids": list(source_ids), "target": target_id}
    dropped = _counted(execute(_DROP, values), 0)
    execute(_MOVE, values)
    return dropped


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return every relationship of contacts, hidden ones too: its id and JSON text."""
    statement = (
        "SELECT id, json_build_object('id', id, 'source_id', source_id, 'target_id', target_id,"
        " 'type', type, 'note', note, 'version', version, 'created_at', created_at)::text"
        f" FROM {_TABLE} WHERE {_TOUCHED} ORDER BY id"
    )
    return [(found, text) for found, text in execute(statement, {"ids": list(contact_ids)})]


def _counted(rows: Sequence[tuple[Any, ...]], deleted_ends: int) -> list[Relationship]:
    """Return those of some relationships of whose ends so many are deleted."""
    return [_relationship(row[:-1]) for row in rows if row[-1] == deleted_ends]


def read_rows(rows: Iterable[Sequence[Any]]) -> list[Relationship]:
    """Return relationships of rows of their columns: ids, type, note, version and time."""
    return [_relationship(row) for row in rows]


def _read(statement: str, values: dict[str, Any]) -> list[Relationship]:
    return read_rows(execute(statement, values))


def _relationship(row: Sequence[Any]) -> Relationship:
    found, source, target, kind, note, version, created_at = row
    return Relationship(
        id=found,
        source_id=source,
        target_id=target,
        type=RelationshipType(kind),
        note=note,
        version=version,
        created_at=created_at,
    )
