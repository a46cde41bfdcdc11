"""Address books on their way in: what they are, and their cards or rows chunk by chunk."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import BinaryIO, Protocol, cast

from crm_contacts.card_custom import with_custom
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import ContactDraft, CustomField, ImportFormat
from crm_contacts.json_cards import is_json, read_json_contact
from crm_contacts.json_splitting import split_json
from crm_contacts.tables import (
    TableReading,
    TableRow,
    open_table,
)
from crm_contacts.tables.charsets import encoding_of
from crm_contacts.vcard import NO_CARD, VCardError, read_card, split_cards
from crm_contacts.vcard.charsets import utf8_chunks

#: Rows of a chunk, and the octets at which it ends before that.
CHUNK_ROWS = 500
CHUNK_BYTES = 4 * 1024 * 1024

#: Octets of the beginning by which a charset is told.
_HEAD_BYTES = 64 * 1024

#: Formats whose files are cut into cards alike: what each of those is, it says itself.
JSON_FORMATS = frozenset({ImportFormat.JCARD, ImportFormat.JSCONTACT, ImportFormat.NDJSON})

#: A line break as `split_cards` counts them: CR CR LF is one that a text-mode copy has doubled.
_LINE_BREAK = re.compile(rb"\r\r\n|\r\n|\r|\n")

#: Of which nobody has said how to read it.
_AS_IT_IS = TableReading()

#: Where nobody knows what the workspace notes besides.
NO_FIELDS: Mapping[str, CustomField] = MappingProxyType({})

#: Opens the file at an offset.
OpenAt = Callable[[int], BinaryIO]


class Source(Protocol):
    """One card or row as it stands in its file."""

    @property
    def index(self) -> int:
        """Its place among the cards or rows."""

    @property
    def line(self) -> int:
        """The line where it begins."""

    @property
    def content(self) -> bytes:
        """Its octets, or their beginning if there is a fault."""

    @property
    def fault(self) -> str | None:
        """Why it cannot be used, if that is known."""


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A card or row with the contact that it describes, or with what is wrong with it.

    A `notice` says of what comes in that not all of it could be taken for what it is meant to be.
    """

    index: int
    line: int
    content: bytes
    draft: ContactDraft | None
    fault: str | None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on in a file: octets, lines and rows before that, the lines counted from 1."""

    offset: int = 0
    line: int = 1
    index: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some cards or rows of a file, and where the next ones are, None at the end."""

    sources: tuple[ReadSource, ...]
    following: Position | None


def read_source(
    source: Source,
    charset: str | None = None,
    *,
    custom: Mapping[str, CustomField] = NO_FIELDS,
) -> ReadSource:
    """Read a card: a vCard in a charset, or JSON, which begins with a bracket.

    It has values of the fields in `custom`, by their keys.
    """
    draft, fault, notice = None, source.fault, None
    if fault is None:
        content = source.content
        try:
            if is_json(content):
                draft, notice = read_json_contact(content, custom)
            else:
                draft, notice = with_custom(draft_from_card(read_card(content, charset)), custom)
        except VCardError as error:
            fault = error.reason
    return ReadSource(source.index, source.line, source.content, draft, fault, notice)


def card_chunk(
    open_at: OpenAt,
    start: Position,
    *,
    max_card_bytes: int,
    rows: int = CHUNK_ROWS,
    charset: str | None = None,
    custom: Mapping[str, CustomField] = NO_FIELDS,
) -> Chunk:
    """Read the next cards; a card and those nested in it are never parted.

    A `charset` is that of what names none, unless the whole file turns out to be UTF-16.
    """
    cards = split_cards(
        utf8_from(open_at, start.offset),
        max_card_bytes=max_card_bytes,
        first_index=start.index,
        first_line=start.line,
    )
    taken: list[ReadSource] = []
    octets = 0
    for card in cards:
        if not card.nested and (len(taken) >= rows or octets >= CHUNK_BYTES):
            passed = _octets_of_lines(utf8_from(open_at, start.offset), card.line - start.line)
            return Chunk(tuple(taken), Position(start.offset + passed, card.line, card.index))
        taken.append(read_source(card, charset, custom=custom))
        octets += len(card.content)
    return Chunk(tuple(taken), None)


def json_chunk(
    open_at: OpenAt,
    start: Position,
    *,
    max_card_bytes: int,
    rows: int = CHUNK_ROWS,
    custom: Mapping[str, CustomField] = NO_FIELDS,
) -> Chunk:
    """Read the next cards of a file of JSON; raise `VCardError` if there is none in it."""
    cards = split_json(
        utf8_from(open_at, start.offset),
        max_card_bytes=max_card_bytes,
        first_index=start.index,
        first_line=start.line,
        offset=start.offset,
    )
    taken: list[ReadSource] = []
    octets = 0
    for card in cards:
        taken.append(read_source(card, custom=custom))
        octets += len(card.content)
        if len(taken) >= rows or octets >= CHUNK_BYTES:
            return Chunk(tuple(taken), Position(card.end, card.last_line, card.index + 1))
    if not taken and start == Position():
        raise VCardError(NO_CARD)
    return Chunk(tuple(taken), None)


def row_chunk(
    open_at: OpenAt,
    start: Position,
    *,
    header: bytes,
    max_row_bytes: int,
    rows: int = CHUNK_ROWS,
    reading: TableReading = _AS_IT_IS,
) -> Chunk:
    """Read the next rows of a table with this header."""
    first = start.offset == 0
    stream = open_at(0) if first else _joined([header], open_at(start.offset))
    table = open_table(stream, max_row_bytes=max_row_bytes, reading=reading)
    found: Iterator[TableRow] = (
        table.rows()
        if first
        else table.rows(first_index=start.index, first_line=start.line, offset=start.offset)
    )
    taken: list[ReadSource] = []
    octets = 0
    for row in found:
        source = ReadSource(row.index, row.line, row.content, row.draft, row.fault, row.notice)
        taken.append(source)
        octets += len(row.content)
        if len(taken) >= rows or octets >= CHUNK_BYTES:
            return Chunk(tuple(taken), Position(row.end, row.line + row.lines, row.index + 1))
    return Chunk(tuple(taken), None)


def joined_json(contents: Sequence[bytes], *, first: bool) -> bytes:
    """Return a part of a list of cards as they stand in their file; an empty one is its end."""
    if not contents:
        return b"" if first else b"\n]\n"
    return (b"[\n" if first else b",\n") + b",\n".join(contents)


def joined(contents: Iterable[bytes], header: bytes, charset: str | None = None) -> bytes:
    """Return rows, as they stand in the file with this header, one after another.

    Only a row whose end was cut off gets a line break.
    """
    encoding = encoding_of(header, charset)
    ends = tuple(encoding.restore(end) for end in ("\n", "\r"))
    line_break = encoding.restore("\r\n")
    return b"".join(
        content if content.endswith(ends) else content + line_break for content in contents
    )


def _octets_of_lines(stream: BinaryIO, lines: int) -> int:
    """Return how many octets the first lines of a file have."""
    passed, rest = 0, b""
    while lines:
        block = stream.read(_HEAD_BYTES)
        content = rest + block
        whole = len(content)
        if block:
            # Up to two carriage returns at the end may be part of one line break.
            whole -= min(2, whole - len(content.rstrip(b"\r")))
        ends = [found.end() for found in _LINE_BREAK.finditer(content, 0, whole)]
        if len(ends) >= lines or not block:
            return passed + (ends[lines - 1] if len(ends) >= lines else whole)
        lines -= len(ends)
        passed += whole
        rest = content[whole:]
    return passed


def utf8_from(open_at: OpenAt, offset: int) -> BinaryIO:
    """Open a file as UTF-8 at an offset in that.

    Only what is written so, as nearly all is, can be opened in the middle.
    """
    head = open_at(0).read(_HEAD_BYTES)
    if next(utf8_chunks(io.BytesIO(head)), head) in head:
        return open_at(offset)
    stream = _joined(utf8_chunks(open_at(0)))
    while offset:
        offset -= len(stream.read(min(offset, _HEAD_BYTES)))
    return stream


def _joined(pieces: Iterable[bytes], rest: BinaryIO | None = None) -> BinaryIO:
    return cast("BinaryIO", _Joined(pieces, rest))


class _Joined(io.RawIOBase):
    """Pieces of a file one after another, then the rest of it."""

    def __init__(self, pieces: Iterable[bytes], rest: BinaryIO | None = None) -> None:
        behind = iter(lambda: rest.read(_HEAD_BYTES), b"") if rest else ()
        self._pieces = chain(pieces, behind)
        self._waiting = b""

    def read(self, size: int = -1) -> bytes:
        """Return as many octets, fewer only at the end."""
        while size < 0 or len(self._waiting) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._waiting += piece
        size = len(self._waiting) if size < 0 else size
        found, self._waiting = self._waiting[:size], self._waiting[size:]
        return found
