"""Finding the header of a CSV file: where it stands, its delimiter and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crm_contacts.tables.charsets import WITH_BARS, Encoding, Undecodable
from crm_contacts.tables.generic import generic_layout
from crm_contacts.tables.google import google_layout
from crm_contacts.tables.grammar import BAR, DELIMITERS, Grammar, line_breaks, line_end
from crm_contacts.tables.linkedin import linkedin_layout
from crm_contacts.tables.outlook import outlook_layout
from crm_contacts.tables.reading import Headerless, TableReading
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import Layout, header_key
from crm_contacts.tables.thunderbird import thunderbird_layout

#: How much of a file is searched for its header, in bytes and in rows.
HEAD_BYTES = 1 << 16
_MAX_PREAMBLE = 20
#: Rows by which the columns of a table are counted that has no header.
_COUNTED = 100
#: What spreadsheets read as their delimiter.
_SEPARATOR_LINE = re.compile(r"sep=.(?:\r\n|\r|\n)", re.IGNORECASE)

EMPTY = "The file is empty."
NO_HEADER = (
    "The file has no header in which the columns of an address book can be recognised,"
    " such as a name, an email address or a phone number."
)
NO_ROW = "There is no row of a table in the file."
NOT_TEXT = "The file has NUL characters, so it is not a table of text."


_AS_IT_IS = TableReading()


class UnknownTable(ValueError):
    """The source cannot be read as an address book in CSV; the message says why."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a table: its columns, what they say, and where the first row begins.

    `size` counts characters of the carried text, `lines` the line breaks among them. Columns
    without a name are called after their places, and so are all if there is `no_names`.
    """

    shape: TableShape
    grammar: Grammar
    columns: tuple[str, ...]
    layout: Layout
    size: int
    lines: int
    no_names: bool = False


def find_heading(
    head: str, encoding: Encoding, *, last: bool, reading: TableReading = _AS_IT_IS
) -> Heading:
    """Find the header in the first part of a file, as its encoding carries it.

    Rows before it, such as LinkedIn's notes or `sep=;`, are passed over. `last` says that
    `head` is the whole file.

    :raises UnknownTable: if there is none
    """
    start = len(encoding.carry(encoding.mark))
    if reading.headerless is not None:
        return _without_names(head, start, encoding, reading, reading.headerless, last=last)
    if not head[start:].strip():
        raise UnknownTable(EMPTY)
    for row in range(_MAX_PREAMBLE):
        found = [
            heading
            for heading in _headings(head, start, encoding, reading, last=last)
            # One word is a header where it comes first, and text anywhere else.
            if (row == 0 and reading.known) or len(heading.columns) > 1
        ]
        if found:
            # The wrong delimiter makes fewer columns of the same line.
            return max(found, key=lambda heading: len(heading.columns))
        end = Grammar(",").row_end(head, start, len(head), last=last) or line_end(head, start)
        if end is None or end == len(head):
            break
        start = end
    raise UnknownTable(NOT_TEXT if "\0" in head else NO_HEADER)


def _headings(
    head: str, start: int, encoding: Encoding, reading: TableReading, *, last: bool
) -> Iterator[Heading]:
    """Yield what the row at `start` would be as a header, for every delimiter that fits."""
    for grammar in map(Grammar, _delimiters(encoding, reading)):
        end = grammar.row_end(head, start, len(head), last=last)
        if end is None or "\0" in head[start:end]:
            continue
        try:
            text = encoding.decode(encoding.restore(head[start:end]))
        except Undecodable:
            continue
        columns = grammar.cells(text)
        recognised = _recognised(columns) if reading.known else _unknown(columns)
        if recognised:
            shape, layout = recognised
            yield Heading(shape, grammar, _named(columns), layout, end, line_breaks(head[:end]))


def _named(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() or f"Column {place}" for place, name in enumerate(columns, 1))


def _without_names(
    head: str,
    start: int,
    encoding: Encoding,
    reading: TableReading,
    headerless: Headerless,
    *,
    last: bool,
) -> Heading:
    """Return what stands in for the header of a table that has none.

    The table has as many columns as the widest of its first rows, unless they were counted before.
    """
    if headerless.columns is not None:
        grammar = Grammar(reading.delimiter or DELIMITERS[0])
        size = headerless.octets // encoding.width
        return _nameless(head, size, grammar, headerless.columns)
    if not head[start:].strip():
        raise UnknownTable(EMPTY)
    found = _SEPARATOR_LINE.match(head, start)
    size = found.end() if found else start
    widest = 0, Grammar(DELIMITERS[0])
    for grammar in map(Grammar, _delimiters(encoding, reading)):
        rows = islice(_rows(head, size, encoding, grammar, last=last), _COUNTED)
        widest = max(widest, (max(map(len, rows), default=0), grammar), key=lambda item: item[0])
    if not widest[0]:
        raise UnknownTable(NOT_TEXT if "\0" in head else NO_ROW)
    return _nameless(head, size, widest[1], widest[0])


def _nameless(head: str, size: int, grammar: Grammar, columns: int) -> Heading:
    layout = Layout((None,) * columns)
    lines = line_breaks(head[:size])
    names = _named([""] * columns)
    return Heading(TableShape.UNKNOWN, grammar, names, layout, size, lines, no_names=True)


def first_row(head: str, encoding: Encoding, reading: TableReading, *, last: bool) -> list[str]:
    """Return the cells of the first row with any value, cut such that there are the most."""
    start = len(encoding.carry(encoding.mark))
    found = _SEPARATOR_LINE.match(head, start)
    start = found.end() if found else start
    rows = [
        next(filter(any, _rows(head, start, encoding, grammar, last=last)), [])
        for grammar in map(Grammar, _delimiters(encoding, reading))
    ]
    return max(rows, key=len)


def _rows(
    head: str, start: int, encoding: Encoding, grammar: Grammar, *, last: bool
) -> Iterator[list[str]]:
    """Yield the cells of the rows that are in the first part of a file as a whole."""
    while start < len(head) and (end := grammar.row_end(head, start, len(head), last=last)):
        if end == start:
            return
        try:
            cells = grammar.cells(encoding.decode(encoding.restore(head[start:end])))
        except Undecodable:
            cells = []
        if not any("\0" in cell for cell in cells):
            yield [cell.strip() for cell in cells]
        start = end


def _delimiters(encoding: Encoding, reading: TableReading) -> Sequence[str]:
    """Return what may stand between cells: what somebody said, or else all that can be told."""
    if reading.delimiter is not None:
        return (reading.delimiter,)
    barred = encoding.name in WITH_BARS
    return tuple(found for found in DELIMITERS if found != BAR or not barred)


def _recognised(columns: list[str]) -> tuple[TableShape, Layout] | None:
    keys = tuple(header_key(column) for column in columns)
    return (
        google_layout(keys)
        or linkedin_layout(keys)
        or thunderbird_layout(keys)
        or outlook_layout(keys)
        or generic_layout(columns)
    )


def _unknown(columns: list[str]) -> tuple[TableShape, Layout] | None:
    """Take any row as a header in which at least two columns have names."""
    if sum(bool(column.strip()) for column in columns) <= 1:
        return None
    return TableShape.UNKNOWN, Layout((None,) * len(columns))
