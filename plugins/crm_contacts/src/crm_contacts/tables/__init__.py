"""A tolerant reader of address books in CSV that loses nothing."""

from __future__ import annotations

from crm_contacts.tables.headings import UnknownTable
from crm_contacts.tables.reading import Headerless, TableReading
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.table import (
    Table,
    TableRow,
    begins_with_values,
    is_table,
    open_table,
)

__all__ = [
    "Headerless",
    "Table",
    "TableReading",
    "TableRow",
    "TableShape",
    "UnknownTable",
    "begins_with_values",
    "is_table",
    "open_table",
]
