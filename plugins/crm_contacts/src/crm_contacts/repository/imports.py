"""Imports: what they are and how far they have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, delete, insert, null, select, update

from crm_contacts.contract import (
    CardStatus,
    ContactImport,
    ImportCounts,
    ImportFormat,
    ImportMapping,
    ImportState,
)
from crm_contacts.models import contact_import
from crm_contacts.recognition import Recognised
from crm_contacts.sources import Position
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

#: State of an import whose file is not all there; nobody is told of it.
_UPLOADING = "uploading"
_COUNTS = tuple(status.value for status in CardStatus)


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import, its table's header and what was chosen of it, and where its next run begins.

    A table without a header has `headerless_columns`, so many.
    """

    shown: ContactImport
    header: bytes
    following: Position
    charset: str | None
    mapping: ImportMapping | None
    headerless_columns: int | None


def add(import_id: UUID, name: str | None, at: datetime) -> None:
    """Insert an import whose file is to come."""
    values: dict[str, Any] = dict.fromkeys(("size", "next_offset", *_COUNTS), 0)
    statement = insert(contact_import).values(
        **values,
        workspace_id=current_workspace(),
        id=import_id,
        name=name,
        state=_UPLOADING,
        unmapped_columns=[],
        header=b"",
        charset_chosen=False,
        next_line=1,
        created_at=at,
    )
    current_connection().execute(statement)


def delete_unfinished(before: datetime) -> None:
    """Delete imports whose file was begun before a moment and never came to its end."""
    statement = delete(contact_import).where(
        contact_import.c.state == _UPLOADING, contact_import.c.created_at < before
    )
    current_connection().execute(statement)


def lock_unfinished(import_id: UUID) -> bool:
    """Whether the import waits for its file; nobody else changes that until the end."""
    statement = (
        select(contact_import.c.id)
        .where(contact_import.c.id == import_id, contact_import.c.state == _UPLOADING)
        .with_for_update()
    )
    return current_connection().execute(statement).first() is not None


def set_uploaded(import_id: UUID, found: Recognised, size: int, *, charset_chosen: bool) -> None:
    """Write down what the file is."""
    statement = (
        update(contact_import)
        .where(contact_import.c.id == import_id)
        .values(
            state=ImportState.UPLOADED.value,
            format=found.format.value,
            shape=found.shape,
            unmapped_columns=list(found.unmapped_columns),
            header=found.header,
            headerless_columns=found.headerless_columns,
            size=size,
            charset=found.charset,
            charset_chosen=charset_chosen,
            delimiter=found.delimiter,
        )
    )
    current_connection().execute(statement)


def set_reading(import_id: UUID, found: Recognised, *, charset_chosen: bool) -> None:
    """Write down how a table is read now; what was chosen of its columns is gone."""
    current_connection().execute(
        update(contact_import)
        .where(contact_import.c.id == import_id)
        .values(
            shape=found.shape,
            unmapped_columns=list(found.unmapped_columns),
            header=found.header,
            headerless_columns=found.headerless_columns,
            charset=found.charset,
            charset_chosen=charset_chosen,
            delimiter=found.delimiter,
            mapping=null(),
        )
    )


def set_mapping(
    import_id: UUID, mapping: ImportMapping | None, unmapped_columns: Sequence[str]
) -> None:
    """Write down what becomes of the columns."""
    current_connection().execute(
        update(contact_import)
        .where(contact_import.c.id == import_id)
        .values(
            mapping=null() if mapping is None else msgspec.to_builtins(mapping),
            unmapped_columns=list(unmapped_columns),
        )
    )


def get(import_id: UUID, *, lock: bool = False) -> StoredImport | None:
    """Return an import; with `lock` nobody else works on it until the transaction ends."""
    statement = _imports(contact_import.c.id == import_id)
    if lock:
        statement = statement.with_for_update()
    row = current_connection().execute(statement).first()
    return None if row is None else _from_row(row)


def page(after: UUID | None, limit: int) -> list[ContactImport]:
    """Return imports, newest first."""
    statement = _imports().order_by(contact_import.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(contact_import.c.id < after)
    return [_from_row(row).shown for row in current_connection().execute(statement)]


def advance(
    import_id: UUID, counts: ImportCounts, following: Position | None, at: datetime
) -> None:
    """Write down how far an import has come; without anything following, it is at its end."""
    values: dict[str, Any] = {name: getattr(counts, name) for name in _COUNTS}
    if following is None:
        values |= {"state": ImportState.COMPLETED.value, "completed_at": at}
    else:
        values |= {"state": ImportState.RUNNING.value, "next_offset": following.offset}
        values["next_line"] = following.line
    current_connection().execute(
        update(contact_import).where(contact_import.c.id == import_id).values(values)
    )


def set_operation(import_id: UUID, operation_id: UUID) -> None:
    """Write down which operation works on an import."""
    current_connection().execute(
        update(contact_import)
        .where(contact_import.c.id == import_id)
        .values(operation_id=operation_id)
    )


def remove(import_id: UUID) -> tuple[bool, UUID | None]:
    """Delete an import with its parts; tell whether it was there, and which operation it had."""
    statement = (
        delete(contact_import)
        .where(contact_import.c.id == import_id)
        .returning(contact_import.c.operation_id)
    )
    row = current_connection().execute(statement).first()
    return row is not None, None if row is None else row.operation_id


def _from_row(row: Row[Any]) -> StoredImport:
    counts = ImportCounts(**{name: getattr(row, name) for name in _COUNTS})
    shown = ContactImport(
        id=row.id,
        name=row.name,
        state=ImportState(row.state),
        format=ImportFormat(row.format),
        shape=row.shape,
        unmapped_columns=tuple(row.unmapped_columns),
        charset=row.charset,
        delimiter=row.delimiter,
        has_header=None if row.delimiter is None else row.headerless_columns is None,
        mapped=row.mapping is not None,
        size=row.size,
        done=row.size if row.completed_at else min(row.next_offset, row.size),
        counts=counts,
        operation_id=row.operation_id,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )
    return StoredImport(
        shown=shown,
        header=row.header,
        following=Position(row.next_offset, row.next_line, counts.rows),
        charset=row.charset if row.charset_chosen else None,
        mapping=None if row.mapping is None else msgspec.convert(row.mapping, ImportMapping),
        headerless_columns=row.headerless_columns,
    )


def _imports(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(contact_import).where(contact_import.c.state != _UPLOADING, *conditions)
