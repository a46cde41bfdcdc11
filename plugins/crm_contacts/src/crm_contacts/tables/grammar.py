"""Rows and cells of delimited text: where a row ends, and what its cells say (RFC 4180)."""

from __future__ import annotations

import re

#: In some charsets its octet may be a part of a character.
BAR = "|"
#: Comma first: a header of one column fits all of them.
DELIMITERS = (",", ";", "\t", BAR)

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Grammar:
    """The rows of a file whose cells stand between `delimiter`s.

    A quotation mark opens a cell only where the cell begins. Text behind the closing one
    belongs to the cell (`"Bob "The Builder" Smith"`), but not if the quoted part has a line
    break: then the mark that seems to close it is rather the opening one of a later row.
    """

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        delimiter = re.escape(delimiter)
        end = rf"[{delimiter}\r\n]"
        inner = rf"[^{delimiter}\r\n]"
        cell = (
            rf'(?:"(?:[^"]++|"")*+"(?={end}|\Z)'
            rf'|"(?:[^"\r\n]++|"")*+"{inner}*+'
            rf'|(?!"){inner}++|)'
        )
        row = rf"{cell}(?:{delimiter}{cell})*+"
        clean = rf'(?:"(?:[^"]++|"")*+"(?={end}|\Z)|[^"{delimiter}\r\n]*+)'
        self._clean_row = re.compile(rf"{clean}(?:{delimiter}{clean})*+(?:\r\n|\r|\n|\Z)")
        self._row = re.compile(rf"{row}(?:\r\n|\r|\n)")
        self._last_row = re.compile(rf"{row}(?:\r\n|\r|\n|\Z)")
        self._cell = re.compile(rf'(?:"((?:[^"]++|"")*+)"({inner}*+)|((?!"){inner}++|)){delimiter}')

    def row_end(self, text: str, start: int, stop: int, *, last: bool) -> int | None:
        """Return where the row at `start` ends, behind its line break; None if it does not.

        `text` is looked at up to `stop`; `last` says that the file ends there.
        """
        found = (self._last_row if last else self._row).match(text, start, stop)
        return found.end() if found else None

    def begins_row(self, text: str, start: int, stop: int, columns: int) -> bool:
        """Whether a row of so many cells is at `start`, as a program writes it.

        That is without quotation marks in the midst of a cell: the rest of a row from a line
        break in one of its cells on has such a mark, where the cell is closed.
        """
        found = self._clean_row.match(text, start, stop)
        return found is not None and len(self.cells(found[0])) == columns

    def cells(self, row: str) -> list[str]:
        """Return the cells of a row, without their quotation marks."""
        row = row.removesuffix("\n").removesuffix("\r")
        if '"' not in row:
            return row.split(self.delimiter)
        return [
            quoted.replace('""', '"') + rest or plain
            for quoted, rest, plain in self._cell.findall(row + self.delimiter)
        ]


def line_end(text: str, start: int) -> int | None:
    """Return where the line at `start` ends, behind its line break; None if it does not."""
    found = _LINE_BREAK.search(text, start)
    return found.end() if found else None


def line_breaks(text: str) -> int:
    """Return how many line breaks, of any kind, are in `text`."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
