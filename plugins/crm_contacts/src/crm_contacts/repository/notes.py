"""Statements about notes on contacts; those of deleted contacts are not shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.contract import Note
from crm_contacts.repository import attached_words
from crm_contacts.words import NOTES
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.contact_note"
_NAMES = ("id", "subject_id", "text", "author_id", "version", "created_at", "edited_at")
#: The same as the contract calls it.
_FIELDS = ("id", "contact_id", *_NAMES[2:])
_COLUMNS = ", ".join(_NAMES)
_THERE = (
    "EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = n.subject_id AND c.deleted_at IS NULL)"
)
_READ = f"SELECT {', '.join(f'n.{name}' for name in _NAMES)} FROM {_TABLE} n WHERE {_THERE}"
_ADD = f"""
    INSERT INTO {_TABLE} (workspace_id, {_COLUMNS})
    VALUES (%(workspace)s, %(id)s, %(contact_id)s, %(text)s, %(author_id)s, %(version)s,
        %(created_at)s, NULL)
"""
_PAGE = (
    f"{_READ} AND n.subject_id = %(contact)s AND n.id < %(after)s ORDER BY n.id DESC"
    " LIMIT %(limit)s"
)
_LAST = UUID(int=2**128 - 1)
#: Nobody else writes notes on them, nor merges them, until the commit.
_HOLD = """
    SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id
    FOR NO KEY UPDATE
"""
#: The newest notes of each contact, and how they begin.
_TEXTS = f"""
    SELECT c.id, n.text FROM unnest(%(ids)s::uuid[]) AS c (id) CROSS JOIN LATERAL (
        SELECT id, left(text, 8000) AS text FROM {_TABLE} WHERE subject_id = c.id
        ORDER BY id DESC LIMIT 50
    ) n ORDER BY c.id, n.id DESC
"""


def add(new: Note) -> None:
    """Insert a note."""
    values = {field: getattr(new, field) for field in _FIELDS}
    execute(_ADD, values | {"workspace": current_workspace()})
    _index([new.contact_id])


def hold(contact_id: UUID) -> None:
    """Let nobody else write notes on a contact until the commit."""
    execute(_HOLD, {"ids": [contact_id]})


def get(note_id: UUID) -> Note | None:
    """Return one note."""
    found = _read(f"{_READ} AND n.id = %(id)s", {"id": note_id})
    return found[0] if found else None


def page(contact_id: UUID, after: UUID | None, limit: int) -> list[Note]:
    """Return notes on a contact, newest first."""
    return _read(_PAGE, {"contact": contact_id, "after": after or _LAST, "limit": limit})


def count(contact_id: UUID) -> int:
    """Return how many notes there are on a contact."""
    statement = f"SELECT count(*) FROM {_TABLE} WHERE subject_id = %(id)s"
    return int(execute(statement, {"id": contact_id})[0][0])


def change(note_id: UUID, version: int, text: str, at: datetime) -> bool:
    """Write the text of a note that has a version; tell whether it had."""
    statement = (
        f"UPDATE {_TABLE} SET text = %(text)s, edited_at = %(at)s, version = version + 1"
        " WHERE id = %(id)s AND version = %(version)s RETURNING subject_id"
    )
    values = {"id": note_id, "version": version, "text": text, "at": at}
    changed = execute(statement, values)
    _index([contact_id for (contact_id,) in changed])
    return bool(changed)


def delete(note_id: UUID, contact_id: UUID) -> bool:
    """Delete a note that is on a contact; tell whether it was."""
    statement = f"DELETE FROM {_TABLE} WHERE id = %(id)s AND subject_id = %(contact)s RETURNING id"
    gone = execute(statement, {"id": note_id, "contact": contact_id})
    _index([contact_id])
    return bool(gone)


def move(source_id: UUID, target_id: UUID) -> tuple[UUID, ...]:
    """Let the notes on a contact be on another one; return those that this moved."""
    statement = (
        f"UPDATE {_TABLE} SET subject_id = %(target)s, version = version + 1"
        " WHERE subject_id = %(source)s RETURNING id"
    )
    rows = execute(statement, {"source": source_id, "target": target_id})
    if rows:
        _index([source_id, target_id])
    return tuple(sorted(note_id for (note_id,) in rows))


def give_back(source_id: UUID, target_id: UUID, note_ids: Sequence[UUID]) -> None:
    """Let those of some notes be on a contact again that are still where they were moved to."""
    statement = (
        f"UPDATE {_TABLE} SET subject_id = %(source)s, version = version + 1"
        " WHERE id = ANY(%(ids)s::uuid[]) AND subject_id = %(target)s"
    )
    execute(statement, {"source": source_id, "target": target_id, "ids": list(note_ids)})
    if note_ids:
        _index([source_id, target_id])


def erase(contact_ids: Sequence[UUID]) -> None:
    """Delete every note on contacts."""
    statement = f"DELETE FROM {_TABLE} WHERE subject_id = ANY(%(ids)s::uuid[])"
    execute(statement, {"ids": list(contact_ids)})


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return every note on contacts, deleted ones too: its id and JSON text."""
    members = ", ".join(f"'{field}', {name}" for field, name in zip(_FIELDS, _NAMES, strict=True))
    statement = (
        f"SELECT id, json_build_object({members})::text FROM {_TABLE}"
        " WHERE subject_id = ANY(%(ids)s::uuid[]) ORDER BY id"
    )
    return [(found, text) for found, text in execute(statement, {"ids": list(contact_ids)})]


def _index(contact_ids: Sequence[UUID]) -> None:
    """Let a search find contacts, which are held, by the notes that are on them by now."""
    texts: dict[UUID, list[str]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, text in execute(_TEXTS, {"ids": list(texts)}) if texts else ():
        texts[contact_id].append(text)
    attached_words.put(NOTES, texts)


def _read(statement: str, values: dict[str, Any]) -> list[Note]:
    return [Note(**dict(zip(_FIELDS, row, strict=True))) for row in execute(statement, values)]
