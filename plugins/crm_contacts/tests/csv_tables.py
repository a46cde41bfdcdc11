"""Tables in CSV, in the words of their tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from crm_contacts.contract import ContactDraft
from crm_contacts.tables import Table, TableRow, open_table

FIXTURES = Path(__file__).parent / "csv"
LIMIT = 10_000


def read(content: bytes, limit: int = LIMIT) -> tuple[Table, list[TableRow]]:
    """Read a whole table."""
    table = open_table(io.BytesIO(content), max_row_bytes=limit)
    return table, list(table.rows())


def rows(content: bytes | str, limit: int = LIMIT) -> list[TableRow]:
    """Read the rows of a whole table."""
    return read(content.encode() if isinstance(content, str) else content, limit)[1]


def draft(header: str, row: str) -> ContactDraft:
    """Read a table of one row, which must be a contact."""
    (only,) = rows(f"{header}\n{row}\n")
    assert only.draft is not None, only.fault
    return only.draft


def written(
    table: Iterable[Sequence[str]],
    *,
    delimiter: str = ",",
    line_break: str = "\r\n",
    charset: str = "utf-8",
) -> bytes:
    """Write a table with Python's own writer."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_break, quoting=csv.QUOTE_ALL)
    writer.writerows(table)
    return text.getvalue().encode(charset)
