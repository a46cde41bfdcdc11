"""Cells of tables that spreadsheets show as text, whatever they say."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

#: The mark by which spreadsheets know UTF-8.
MARK = "\ufeff".encode()

#: What spreadsheets take a cell for a formula by, also where it is written in full width. A
#: number of a telephone cannot harm anybody.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
#: The same within a cell, where a program may cut it that was told of another delimiter, which
#: takes quotation marks for text there. A sign alone begins a list or a smiley more often.
_INNER = "'*(?:[=@\uff1d\uff20]|[+\\-\uff0b\uff0d][^;\t\r\n]*[(!|])"
_EXPOSED = re.compile(f"(?<=[;\t\r\n])(?={_INNER})")
_COVERED = re.compile(f"(?<=[;\t\r\n])'(?={_INNER})")
_NUMBER = re.compile(r"[+-]?[0-9 ()./-]*")


def lines(table: Iterable[Sequence[str]]) -> bytes:
    """Return rows (RFC 4180) in UTF-8; no cell is a formula to any spreadsheet."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(map(safe, row) for row in table)
    return written.getvalue().encode()


def safe(cell: str) -> str:
    """Return a text such that a spreadsheet shows it; an apostrophe says that it is one.

    Also behind a semicolon, a tab or a line break in it, at which some cut cells.
    """
    covered = _EXPOSED.sub("'", cell)
    return f"'{covered}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else covered


def meant(cell: str) -> str:
    """Return the text that `safe` was given."""
    if "'" not in cell:
        return cell
    covered = (cell[1:], cell) if cell.startswith("'") else (cell,)
    found = (_COVERED.sub("", text) for text in covered)
    return next((text for text in found if safe(text) == cell), cell)
