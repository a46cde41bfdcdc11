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
_NUMBER = re.compile(r"[+-]?[0-9 ()./-]*")


def lines(table: Iterable[Sequence[str]]) -> bytes:
    """Return rows (RFC 4180) in UTF-8; no cell is a formula to any spreadsheet."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(map(safe, row) for row in table)
    return written.getvalue().encode()


def safe(cell: str) -> str:
    """Return a text such that a spreadsheet shows it; an apostrophe says that it is one."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def meant(cell: str) -> str:
    """Return the text that `safe` was given."""
    return cell[1:] if cell.startswith("'") and safe(cell[1:]) == cell else cell
