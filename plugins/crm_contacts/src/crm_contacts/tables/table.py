"""An address book in CSV, read row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crm_contacts.contract import ContactDraft
from crm_contacts.tables.charsets import encoding_of
from crm_contacts.tables.choosing import chosen_layout
from crm_contacts.tables.headings import (
    HEAD_BYTES,
    Heading,
    UnknownTable,
    find_heading,
    first_row,
)
from crm_contacts.tables.mapping import NoContact, RowMapping
from crm_contacts.tables.own_columns import with_own_columns
from crm_contacts.tables.reading import TableReading
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.splitting import Record, Records, Window
from crm_contacts.tables.values import is_value

_VCARD = re.compile(r"\s*BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE)
_AS_IT_IS = TableReading()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as it stands in its file, with the contact that it describes or its `fault`.

    `index` counts the rows, `line` is that of the row's begin, `lines` how many line breaks it
    has. `content` is in the charset of the file; with a `fault` it may be no more than the
    start of the row, and there may be no `cells`. A `notice` tells which values were not taken
    for what they are meant to be. `end` is the offset behind the row, in bytes
    from the begin of the file.
    """

    index: int
    line: int
    lines: int
    end: int
    content: bytes
    draft: ContactDraft | None
    fault: str | None
    notice: str | None = None
    cells: tuple[str, ...] = ()


class Table:
    """An open address book: its header is read, its rows come once.

    `layout` is what the columns say by themselves, whatever was chosen.
    """

    def __init__(
        self, window: Window, heading: Heading, max_row_bytes: int, reading: TableReading
    ) -> None:
        encoding = window.encoding
        self.header = encoding.restore(window.text[: heading.size])
        window.start = heading.size
        self._heading = heading
        self._records = Records(window, heading.grammar, len(heading.columns), max_row_bytes)
        mapping = reading.mapping
        self.layout = with_own_columns(heading.layout, heading.columns, reading.fields)
        layout = self.layout if mapping is None else chosen_layout(mapping, self.layout)
        self._mapping = RowMapping(heading.columns, layout, reading.fields)
        self.charset = encoding.name

    @property
    def shape(self) -> TableShape:
        """Whose export this is."""
        return self._heading.shape

    @property
    def delimiter(self) -> str:
        """What stands between cells."""
        return self._heading.grammar.delimiter

    @property
    def has_header(self) -> bool:
        """Whether a row names the columns."""
        return not self._heading.no_names

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; one without is named after its place."""
        return self._heading.columns

    def unmapped_columns(self) -> tuple[str, ...]:
        """Return the columns that no field stands for: their values go to the raw bag."""
        targets = self.layout.targets
        return tuple(
            name for name, target in zip(self.columns, targets, strict=True) if target is None
        )

    def rows(
        self, *, first_index: int = 0, first_line: int | None = None, offset: int | None = None
    ) -> Iterator[TableRow]:
        """Yield the rows in their order; rows without any value are passed over, as blank lines.

        To go on in the middle, open the header with what follows a row, and begin here with
        the `index` of the next row, with `line` + `lines` and with `end` of that row.
        """
        index = first_index
        line = self._heading.lines + 1 if first_line is None else first_line
        end = len(self.header) if offset is None else offset
        for record in self._records:
            end += record.length
            if record.fault is not None or any(map(str.strip, record.cells)):
                yield self._row(record, index, line, end)
                index += 1
            line += record.lines

    def _row(self, record: Record, index: int, line: int, end: int) -> TableRow:
        draft, fault, notice = None, record.fault, None
        if fault is None:
            try:
                draft, notice = self._mapping.draft(record.cells)
            except NoContact as error:
                fault = str(error)
        cells = tuple(record.cells)
        return TableRow(index, line, record.lines, end, record.content, draft, fault, notice, cells)


def open_table(stream: BinaryIO, *, max_row_bytes: int, reading: TableReading = _AS_IT_IS) -> Table:
    """Open an address book in CSV: tell its charset, delimiter and shape, and read its header.

    Memory is bounded by a few times `max_row_bytes`, which must be at least one. What a `reading`
    says is not told again.

    :raises UnknownTable: if the file is empty or no header can be recognised
    """
    window, last = _opened(stream, reading)
    heading = find_heading(window.text, window.encoding, last=last, reading=reading)
    return Table(window, heading, max_row_bytes, reading)


def begins_with_values(stream: BinaryIO, reading: TableReading = _AS_IT_IS) -> bool:
    """Whether the first row of a file holds values that name no column, such as an address."""
    window, last = _opened(stream, reading)
    return any(map(is_value, first_row(window.text, window.encoding, reading, last=last)))


def _opened(stream: BinaryIO, reading: TableReading) -> tuple[Window, bool]:
    """Return the beginning of a file, and whether that is all of it."""
    head = bytearray()
    while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
        head += chunk
    encoding = encoding_of(bytes(head), reading.charset)
    return Window(stream, encoding, bytes(head)), len(head) < HEAD_BYTES


def is_table(head: bytes) -> bool:
    """Whether the first bytes of a file, some thousands at best, begin an address book in CSV."""
    encoding = encoding_of(head)
    text = encoding.carry(head[: len(head) - len(head) % encoding.width])
    if _VCARD.match(text, len(encoding.carry(encoding.mark))):
        return False
    try:
        find_heading(text, encoding, last=True)
    except UnknownTable:
        return False
    return True
