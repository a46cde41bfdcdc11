"""The cards and rows of an import, read as somebody chose."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from crm_contacts.contract import (
    CustomField,
    ImportFormat,
    ImportMapping,
    ImportMappingNeeded,
    ImportNotFound,
    ImportStarted,
    ImportState,
    ImportUndone,
    TargetField,
)
from crm_contacts.repository import custom_fields, import_files, import_undos, imports
from crm_contacts.sources import (
    CHUNK_ROWS,
    JSON_FORMATS,
    Chunk,
    Position,
    card_chunk,
    json_chunk,
    row_chunk,
)
from crm_contacts.table_columns import Columns, columns_of
from crm_contacts.tables import Headerless, TableReading, TableShape
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service


def known_import(import_id: UUID, *, lock: bool = False) -> imports.StoredImport:
    """Return an import; raise `ImportNotFound`. With `lock` nobody else works on it meanwhile."""
    stored = imports.get(import_id, lock=lock)
    if stored is None:
        raise ImportNotFound(f"There is no import {import_id} in this workspace.")
    return stored


def check_mapped(stored: imports.StoredImport) -> None:
    """Raise `ImportMappingNeeded` if nobody knows the columns of a table."""
    if stored.shown.shape == TableShape.UNKNOWN and stored.mapping is None:
        raise ImportMappingNeeded(
            "Nobody knows the columns of this table. Choose what becomes of them first."
        )


def check_not_undone(stored: imports.StoredImport) -> None:
    """Raise `ImportUndone` if somebody has asked for that."""
    if import_undos.get(stored.shown.id) is not None:
        raise ImportUndone("The import is undone: upload the file again to import it anew.")


def check_waiting(stored: imports.StoredImport) -> None:
    """Raise `ImportStarted` if an import is not about to begin."""
    shown = stored.shown
    asked = shown.operation_id is not None and is_under_way(shown.operation_id)
    if shown.state is not ImportState.UPLOADED or asked:
        raise ImportStarted("The import has begun: upload the file again to read it otherwise.")


def is_under_way(operation_id: UUID) -> bool:
    """Whether somebody is at an operation, or will be."""
    try:
        return not service(Operations).get(operation_id).state.final
    except OperationNotFound:
        return False


def chunk_at(
    stored: imports.StoredImport, start: Position, *, most: int, rows: int = CHUNK_ROWS
) -> Chunk:
    """Read the next cards or rows of an import; each has `most` octets."""
    open_at = partial(import_files.open_at, stored.shown.id)
    custom = custom_fields.every()
    if stored.shown.format is ImportFormat.VCARD:
        charset = stored.charset
        return card_chunk(
            open_at, start, max_card_bytes=most, rows=rows, charset=charset, custom=custom
        )
    if stored.shown.format in JSON_FORMATS:
        return json_chunk(open_at, start, max_card_bytes=most, rows=rows, custom=custom)
    return row_chunk(
        open_at,
        start,
        header=stored.header,
        max_row_bytes=most,
        rows=rows,
        reading=reading_of(stored, custom),
    )


def import_columns(stored: imports.StoredImport, *, most: int, rows: int = 0) -> Columns:
    """Return the columns of a table, and the cells of some rows; a row has `most` octets."""
    return columns_of(
        partial(import_files.open_at, stored.shown.id),
        stored.header,
        reading_of(stored, custom_fields.every()),
        max_row_bytes=most,
        rows=rows,
    )


def reading_of(stored: imports.StoredImport, custom: Mapping[str, CustomField]) -> TableReading:
    """Return how the table of an import is read, with custom fields by their keys."""
    columns = stored.headerless_columns
    return TableReading(
        charset=stored.charset,
        delimiter=stored.shown.delimiter,
        known=stored.shown.shape != TableShape.UNKNOWN,
        headerless=None if columns is None else Headerless(columns, len(stored.header)),
        mapping=stored.mapping,
        fields=custom,
    )


def fields_of(mapping: ImportMapping) -> dict[str, CustomField]:
    """Return the custom fields that a mapping names, as far as there are any."""
    keys = [column.key or "" for column in mapping.columns if column.field is TargetField.CUSTOM]
    return custom_fields.by_key(keys) if keys else {}
