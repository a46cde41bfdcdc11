"""Cutting a CSV file into its rows, in bounded memory whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crm_contacts.tables.charsets import Encoding, Undecodable
from crm_contacts.tables.grammar import Grammar, line_breaks, line_end

CHUNK_BYTES = 1 << 16

UNCLOSED = "a quotation mark opens a cell and is not closed"
NUL = "there is a NUL character in this row, so it is not text"


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in its file: its bytes, its cells or what is wrong with it.

    `length` counts the bytes in the file and is more than those of `content` if that was cut;
    `lines` counts the line breaks among them.
    """

    content: bytes
    length: int
    lines: int
    cells: list[str]
    fault: str | None = None


class Window:
    """The part of a file that is in memory, as its encoding carries it; reading moves it on."""

    def __init__(self, stream: BinaryIO, encoding: Encoding, head: bytes = b"") -> None:
        self.encoding = encoding
        self.text = ""
        self.start = 0
        self.ended = False
        self._stream = stream
        self._rest = b""
        self._add(head)

    def __len__(self) -> int:
        return len(self.text) - self.start

    @property
    def odd(self) -> bytes:
        """The half of a character at the end of the file."""
        return self._rest

    def grow(self) -> None:
        """Read on; as much as there is already, so that a long row is not searched too often."""
        chunk = self._stream.read(max(CHUNK_BYTES, len(self)))
        self.ended = not chunk
        self._add(chunk)

    def _add(self, chunk: bytes) -> None:
        content = self._rest + chunk
        whole = len(content) - len(content) % self.encoding.width
        self._rest = content[whole:]
        self.text = self.text[self.start :] + self.encoding.carry(content[:whole])
        self.start = 0


class Records:
    """The rows of a file, of which the window is behind the header."""

    def __init__(self, window: Window, grammar: Grammar, columns: int, max_bytes: int) -> None:
        self._window = window
        self._grammar = grammar
        self._columns = columns
        self._max_bytes = max_bytes
        self._limit = max(1, max_bytes // window.encoding.width)

    def __iter__(self) -> Iterator[Record]:
        """Yield every row, also blank ones, so that their lengths add up to that of the file."""
        window = self._window
        while (end := self._row_end()) is not None or len(window):
            fits = end is not None and end - window.start <= self._limit
            if end is not None and fits and not self._swallows(end):
                yield self._read(self._take(end))
            else:
                yield self._broken()
        if window.odd:
            yield Record(window.odd, len(window.odd), 0, [], "half a character ends the file")

    def _row_end(self) -> int | None:
        """Return where the next row ends, unless that is too far away or nowhere."""
        window = self._window
        while len(window) or not window.ended:
            text = window.text
            end = self._grammar.row_end(text, window.start, len(text), last=window.ended)
            # A carriage return at the end may be half of a line break.
            if end is not None and (end < len(text) or text[-1:] == "\n"):
                return end
            if window.ended:
                return end
            if len(window) > self._limit:
                break
            window.grow()
        return None

    def _swallows(self, end: int) -> bool:
        """Whether the row has other cells than the header and another row among its lines.

        Then a quotation mark of that one closes what was opened and forgotten before.
        """
        row = self._window.text[self._window.start : end]
        if '"' not in row or line_breaks(row) < 2:  # noqa: PLR2004 - one within the row
            return False
        return len(self._grammar.cells(row)) != self._columns and self._next_row(end) is not None

    def _broken(self) -> Record:
        """Take a row that is not closed or too long, up to where the next one can be told.

        That is a line with as many cells as the header, and failing that the next line behind
        the limit. Only the text up to the limit decides, however the file is read.
        """
        window = self._window
        while len(window) <= self._limit and not window.ended:
            window.grow()
        stop = min(window.start + self._limit, len(window.text))
        end = self._next_row(stop)
        if end is None and len(window) > self._limit:
            return self._cut(stop)
        text = self._take(end or len(window.text))
        content = window.encoding.restore(text)
        return Record(content, len(content), line_breaks(text), [], UNCLOSED)

    def _next_row(self, stop: int) -> int | None:
        window, grammar = self._window, self._grammar
        start = line_end(window.text, window.start)
        while start is not None and start < stop:
            if grammar.begins_row(window.text, start, stop, self._columns):
                return start
            start = line_end(window.text, start)
        return None

    def _cut(self, stop: int) -> Record:
        """Take a row that is too long: keep its start, pass over the rest of its line."""
        window = self._window
        # The last character of a piece stays: it may be the first half of a line break.
        kept = self._take(stop - 1)
        content = window.encoding.restore(kept)
        length = len(content)
        while (end := self._line_end()) is None and not window.ended:
            length += len(window.encoding.restore(self._take(len(window.text) - 1)))
            window.grow()
        last = self._take(end or len(window.text))
        length += len(window.encoding.restore(last))
        fault = f"row is larger than {self._max_bytes} bytes; its text was cut after these"
        return Record(content, length, line_breaks(kept + last), [], fault)

    def _line_end(self) -> int | None:
        """Return where the line at hand ends; None if that is not in the window as a whole."""
        text = self._window.text
        end = line_end(text, self._window.start)
        split = end == len(text) and text.endswith("\r") and not self._window.ended
        return None if split else end

    def _take(self, end: int) -> str:
        window = self._window
        text = window.text[window.start : end]
        window.start = end
        return text

    def _read(self, carried: str) -> Record:
        encoding = self._window.encoding
        content = encoding.restore(carried)
        cells: list[str] = []
        fault = NUL if "\0" in carried else None
        if fault is None:
            try:
                cells = self._grammar.cells(encoding.decode(content))
            except Undecodable as error:
                fault = str(error)
        return Record(content, len(content), line_breaks(carried), cells, fault)
