"""The columns of a table, and the cells of its first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice

from crm_contacts.csv_cells import meant
from crm_contacts.sources import OpenAt
from crm_contacts.tables import TableReading, open_table
from crm_contacts.tables.targets import Layout


@dataclass(frozen=True, slots=True)
class Columns:
    """What columns are called, what they say by themselves, and the cells of some rows."""

    headings: tuple[str, ...]
    layout: Layout
    has_header: bool
    rows: tuple[tuple[str, ...], ...]

    def values(self, position: int) -> Iterator[str]:
        """Yield the cells of one column."""
        return (row[position] for row in self.rows if position < len(row))


def columns_of(
    open_at: OpenAt, header: bytes, reading: TableReading, *, max_row_bytes: int, rows: int
) -> Columns:
    """Read the header of a table, and the cells of its first rows as far as these are there."""
    plain = replace(reading, mapping=None)
    table = open_table(BytesIO(header), max_row_bytes=max_row_bytes, reading=plain)
    whole = open_at(0)
    found: list[tuple[str, ...]] = []
    if whole.read(1):
        opened = open_table(open_at(0), max_row_bytes=max_row_bytes, reading=plain)
        found = [tuple(map(meant, row.cells)) for row in islice(opened.rows(), rows)]
    return Columns(table.columns, table.layout, table.has_header, tuple(found))
