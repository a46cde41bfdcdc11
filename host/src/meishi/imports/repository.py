"""Imports as rows: what they are, how far they have come, and what was rejected of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from meishi.context import current_scope
from meishi.declarations import ImportPreview, RejectedItem
from meishi.imports.records import Counts, FileImport, ImportState

_COLUMNS = (
    "id, name, media_type, plugin, importer, state, size, next_offset, preview, mapping, dry_run,"
    " created, updated, unchanged, rejected, operation_id, created_by, created_at, completed_at,"
    " next_state, run, sent"
)

_ADD = """
    INSERT INTO meishi_imports.file_import (
        workspace_id, id, name, media_type, plugin, importer, asked, state, size, mapping, dry_run,
        next_offset, next_state, created, updated, unchanged, rejected, tries, created_by,
        created_at)
    VALUES (%(workspace)s, %(id)s, %(name)s, %(media_type)s, %(plugin)s, %(importer)s, '{}',
        'uploaded', 0, '{}', false, 0, '', 0, 0, 0, 0, 0, %(by)s, %(at)s)
"""

_GET = f"SELECT {_COLUMNS} FROM meishi_imports.file_import WHERE id = %(id)s"  # noqa: S608 (constants)

_PAGE = f"""
    SELECT {_COLUMNS} FROM unnest(%(importers)s::text[]) AS wanted CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM meishi_imports.file_import
        WHERE importer = wanted AND id < %(after)s ORDER BY id DESC LIMIT %(limit)s) AS found
    ORDER BY id DESC LIMIT %(limit)s
"""  # noqa: S608 (constants)

_ADVANCE = """
    UPDATE meishi_imports.file_import SET state = %(state)s, next_offset = %(offset)s,
        next_state = %(next_state)s, created = %(created)s, updated = %(updated)s,
        unchanged = %(unchanged)s, rejected = %(rejected)s, tries = 0, sent = NULL,
        completed_at = %(completed_at)s
    WHERE id = %(id)s AND run = %(run)s AND next_offset = %(before)s RETURNING id
"""

_REJECT = """
    INSERT INTO meishi_imports.import_reject
        (workspace_id, import_id, number, position, code, message)
    SELECT %(workspace)s, %(id)s, %(first)s + number, position, code, message
    FROM ROWS FROM (json_to_recordset(%(items)s::text::json)
        AS (position integer, code text, message text)) WITH ORDINALITY
        AS item (position, code, message, number)
"""

_REJECTS = """
    SELECT number, position, code, message FROM meishi_imports.import_reject
    WHERE import_id = %(id)s AND number > %(after)s ORDER BY number LIMIT %(limit)s
"""

#: Before all others, in the order of ids.
_NEWEST = UUID(int=2**128 - 1)


def add(
    import_id: UUID, *, name: str | None, media_type: str, plugin: str | None, importer: str | None
) -> None:
    """Insert an import whose file is to come in the same transaction."""
    scope = current_scope()
    named = {"name": name, "media_type": media_type, "plugin": plugin, "importer": importer or ""}
    begun = {"by": scope.actor.user_id, "at": scope.host.clock()}
    scope.work.execute(_ADD, {"workspace": scope.workspace_id, "id": import_id, **named, **begun})


def change(import_id: UUID, **values: Any) -> None:
    """Change columns of an import."""
    columns = ", ".join(f"{name} = %({name})s" for name in values)
    statement = f"UPDATE meishi_imports.file_import SET {columns} WHERE id = %(id)s"  # noqa: S608 (names of ours)
    current_scope().work.execute(statement, {**values, "id": import_id})


def get(import_id: UUID, *, lock: bool = False) -> FileImport | None:
    """Return an import; with `lock` nobody else changes it until the transaction ends."""
    statement = f"{_GET} FOR UPDATE" if lock else _GET
    rows = current_scope().work.execute(statement, {"id": import_id})
    return _from_row(rows[0]) if rows else None


def page(importers: Sequence[str], after: UUID | None, limit: int) -> list[FileImport]:
    """Return imports of some importers, or of none yet, newest first."""
    values = {"importers": ["", *importers], "after": after or _NEWEST, "limit": limit}
    return [_from_row(row) for row in current_scope().work.execute(_PAGE, values)]


def advance(found: FileImport, counts: Counts, following: int | None, next_state: str) -> bool:
    """Write down how far a run has come; return whether it still has a say in the import."""
    scope = current_scope()
    values: dict[str, Any] = {
        "id": found.id, "run": found.run, "before": found.done, "next_state": next_state,
        "offset": found.size if following is None else following,
        "state": ImportState.RUNNING.value, "completed_at": None,
    }  # fmt: skip
    if following is None:
        ended = ImportState.TRIED if found.dry_run else ImportState.COMPLETED
        values |= {"state": ended.value, "completed_at": scope.host.clock()}
    values |= {name: getattr(counts, name) for name in Counts.__dataclass_fields__}
    return bool(scope.work.execute(_ADVANCE, values))


def add_rejects(import_id: UUID, first: int, items: Sequence[RejectedItem]) -> None:
    """Insert rejected resources behind the `first` ones that are there."""
    if items:
        scope = current_scope()
        values = {"workspace": scope.workspace_id, "id": import_id, "first": first}
        scope.work.execute(_REJECT, {**values, "items": msgspec.json.encode(items).decode()})


def rejects(import_id: UUID, after: int, limit: int) -> list[tuple[int, RejectedItem]]:
    """Return rejected resources with their numbers, in the order of the file."""
    values = {"id": import_id, "after": after, "limit": limit}
    return [
        (number, RejectedItem(position=position, code=code, message=message))
        for number, position, code, message in current_scope().work.execute(_REJECTS, values)
    ]


def forget_rejects(import_id: UUID) -> None:
    """Delete what was rejected of an import."""
    statement = "DELETE FROM meishi_imports.import_reject WHERE import_id = %(id)s"
    current_scope().work.execute(statement, {"id": import_id})


def remove(import_id: UUID) -> None:
    """Delete an import, with its file and its rejects."""
    statement = "DELETE FROM meishi_imports.file_import WHERE id = %(id)s"
    current_scope().work.execute(statement, {"id": import_id})


def remove_older(before: datetime) -> None:
    """Delete imports that began before a moment, with their files."""
    statement = "DELETE FROM meishi_imports.file_import WHERE created_at < %(before)s"
    current_scope().work.execute(statement, {"before": before})


def _from_row(row: Sequence[Any]) -> FileImport:
    values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    counts = Counts(**{name: values.pop(name) for name in Counts.__dataclass_fields__})
    preview, mapping, state = (values.pop(name) for name in ("preview", "mapping", "state"))
    return FileImport(
        done=values.pop("next_offset"),
        importer=values.pop("importer") or None,
        state=ImportState(state),
        counts=counts,
        preview=None if preview is None else msgspec.json.decode(preview, type=ImportPreview),
        mapping=msgspec.json.decode(mapping, type=dict[str, str]),
        **values,
    )
