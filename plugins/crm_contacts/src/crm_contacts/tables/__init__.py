"""A tolerant reader of address books in CSV that loses nothing."""

from __future__ import annotations

from crm_contacts.tables.headings import UnknownTable
from crm_contacts.tables.reading import TableReading
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.table import Table, TableRow, is_table, open_table

__all__ = [
    "Table",
    "TableReading",
    "TableRow",
    "TableShape",
    "UnknownTable",
    "is_table",
    "open_table",
]
