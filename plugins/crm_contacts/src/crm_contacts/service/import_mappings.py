"""How the table of an import is read: what is proposed, and what somebody chose."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from crm_contacts.column_rules import mapping_errors
from crm_contacts.contract import (
    CHARSETS,
    DELIMITERS,
    MAX_PAGE,
    ColumnTarget,
    ImportColumn,
    ImportColumns,
    ImportFormat,
    ImportMapping,
    ImportState,
    InvalidImportMapping,
    PreviewRow,
    TargetField,
)
from crm_contacts.contract.import_mappings import MAX_PREVIEWED, MAX_SAMPLE, MAX_SAMPLES
from crm_contacts.recognition import recognise
from crm_contacts.repository import (
    custom_fields,
    dry_runs,
    import_files,
    imports,
    kept_mappings,
)
from crm_contacts.service.import_chunks import (
    check_waiting,
    chunk_at,
    fields_of,
    import_columns,
    known_import,
)
from crm_contacts.service.previewing import previewed
from crm_contacts.service.regions import default_region
from crm_contacts.sources import Position
from crm_contacts.table_columns import Columns
from crm_contacts.tables import TableReading, TableShape
from crm_contacts.tables.charsets import WITH_BARS
from crm_contacts.tables.choosing import (
    column_target,
    date_order,
    kept_out,
    keys_by_heading,
    proposed_target,
)
from crm_contacts.tables.values import told_by_values
from meishi.sdk.contract import FieldError
from meishi.sdk.plugin import PluginContext

#: Rows that are looked at for samples.
_SAMPLED = 50


class ImportMappingService:
    """Implements `ImportMappings`."""

    def __init__(self, context: PluginContext) -> None:
        self._max_row_bytes: int = context.settings["max_card_bytes"]

    def columns(self, import_id: UUID) -> ImportColumns | None:
        """Return the columns of a table; None for cards."""
        stored = known_import(import_id)
        shown = stored.shown
        if shown.format is not ImportFormat.CSV:
            return None
        found = self._columns_of(stored)
        custom = keys_by_heading(custom_fields.page(None, MAX_PAGE))
        by_values = _by_values(found) if shown.shape == TableShape.UNKNOWN else {}
        kept = kept_mappings.of_headings(found.headings) if found.has_header else None
        by_mapping = {} if kept is None else _kept_targets(kept.mapping, len(found.headings))
        chosen = (
            {}
            if stored.mapping is None
            else {column.position: column for column in stored.mapping.columns}
        )
        items = []
        for position, heading in enumerate(found.headings):
            told = found.layout.targets[position]
            proposed = proposed_target(position, heading, told, custom)
            if proposed.field is TargetField.RAW:
                proposed = by_values.get(position, proposed)
            proposed = by_mapping.get(position, proposed)
            target = column_target(position, told if stored.mapping is None else None)
            items.append(
                ImportColumn(
                    position=position,
                    heading=heading,
                    samples=_samples(found.values(position)),
                    proposed=proposed,
                    target=chosen.get(position, target),
                )
            )
        order = date_order(found.layout)
        return ImportColumns(
            items=tuple(items),
            shape=shown.shape or "",
            charset=shown.charset or "",
            delimiter=shown.delimiter or "",
            mapped=stored.mapping is not None,
            has_header=found.has_header,
            date_order=order if stored.mapping is None else stored.mapping.date_order or order,
            proposed_date_order=order if kept is None else kept.mapping.date_order or order,
            kept_mapping_id=None if kept is None else kept.id,
        )

    def set(self, import_id: UUID, mapping: ImportMapping | None) -> None:
        """Choose what becomes of the columns; None takes it back."""
        stored = known_import(import_id, lock=True)
        check_waiting(stored)
        _check_table(stored)
        found = self._columns_of(stored)
        if mapping is None:
            targets = zip(found.headings, found.layout.targets, strict=True)
            unmapped = [heading for heading, target in targets if target is None]
        else:
            errors = list(mapping_errors(mapping, len(found.headings), fields_of(mapping)))
            if errors:
                raise InvalidImportMapping("So the rows become no contacts.", errors=errors)
            unmapped = list(kept_out(mapping, found.headings))
        imports.set_mapping(import_id, mapping, unmapped)
        dry_runs.remove(import_id)

    def read_as(
        self,
        import_id: UUID,
        *,
        charset: str | None = None,
        delimiter: str | None = None,
        has_header: bool | None = None,
    ) -> None:
        """Read a table in another charset, with another delimiter, with or without a header."""
        stored = known_import(import_id, lock=True)
        check_waiting(stored)
        _check_table(stored)
        errors = list(_reading_errors(charset, delimiter))
        if errors:
            raise InvalidImportMapping("So the file cannot be read.", errors=errors)
        found = recognise(
            partial(import_files.open_at, import_id),
            ImportFormat.CSV,
            max_row_bytes=self._max_row_bytes,
            reading=TableReading(
                charset=charset, delimiter=delimiter, fields=custom_fields.every()
            ),
            has_header=has_header,
        )
        imports.set_reading(import_id, found, charset_chosen=charset is not None)
        dry_runs.remove(import_id)

    def preview(self, import_id: UUID, *, limit: int = 5) -> tuple[PreviewRow, ...]:
        """Return the first cards or rows as they would come in."""
        stored = known_import(import_id)
        if stored.shown.state is ImportState.COMPLETED:
            return ()
        rows = max(1, min(limit, MAX_PREVIEWED))
        chunk = chunk_at(stored, Position(), most=self._max_row_bytes, rows=rows)
        return previewed(chunk.sources[:rows], default_region())

    def _columns_of(self, stored: imports.StoredImport) -> Columns:
        return import_columns(stored, most=self._max_row_bytes, rows=_SAMPLED)


def _kept_targets(mapping: ImportMapping, columns: int) -> dict[int, ColumnTarget]:
    """Return what a kept mapping says of columns, but for custom fields that are gone since."""
    fields = fields_of(mapping)
    said = {column.position: column for column in mapping.columns}
    return {
        position: target
        for position in range(columns)
        if (target := said.get(position, column_target(position, None))).key is None
        or target.key in fields
    }


def _by_values(found: Columns) -> dict[int, ColumnTarget]:
    """Return what columns can be by their values, as far as they have any."""
    columns = range(len(found.headings))
    return told_by_values([
        [value.strip()[:MAX_SAMPLE] for value in found.values(position) if value.strip()]
        for position in columns
    ])  # fmt: skip


def _samples(values: Iterable[str]) -> tuple[str, ...]:
    """Return the first values that differ, cut to a length."""
    filled = (value.strip() for value in values)
    different = dict.fromkeys(value[:MAX_SAMPLE] for value in filled if value)
    return tuple(different)[:MAX_SAMPLES]


def _check_table(stored: imports.StoredImport) -> None:
    if stored.shown.format is not ImportFormat.CSV:
        raise InvalidImportMapping("Only tables have columns: cards say what they are.")


def _reading_errors(charset: str | None, delimiter: str | None) -> Iterable[FieldError]:
    if charset is not None and charset not in CHARSETS:
        yield FieldError("/charset", "unknown", f"One of: {', '.join(CHARSETS)}.")
    if delimiter is not None and delimiter not in DELIMITERS:
        yield FieldError("/delimiter", "unknown", "A comma, semicolon, tab or bar.")
    elif delimiter == "|" and charset in WITH_BARS:
        message = f"In {charset} a bar may be a part of a character."
        yield FieldError("/delimiter", "invalid", message)
