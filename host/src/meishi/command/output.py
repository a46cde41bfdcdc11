"""What commands print: text for people on stdout, or one JSON document and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec

#: Words up to this length are never folded: ids and names can be copied whole.
_LONGEST_WORD = 40

#: As wide as a line may become where nobody looks at a terminal.
_NO_END = 100_000


def print_json(document: Any) -> None:
    """Print one line of JSON on stdout."""
    click.echo(msgspec.json.encode(document).decode())


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table as wide as the terminal allows, or as its words need; a line a row to a file.

    Brackets in cells are no markup.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [tuple(row) for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    least = 0
    for header, column in zip(headers, zip(headers, *cells, strict=True), strict=True):
        word = _widest_word(column)
        least += word + 2
        table.add_column(header, overflow="fold", min_width=word)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    console.width = max(console.width if console.is_terminal else _NO_END, least)
    console.print(table, crop=False, soft_wrap=False)


def _widest_word(column: Iterable[str]) -> int:
    words = (len(word) for text in column for word in text.split())
    return min(max(words, default=0), _LONGEST_WORD)
