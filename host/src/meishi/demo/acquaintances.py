"""Who knows whom in the sample address book, told over the web API like by anybody else."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

#: Rows of (source_uid, type, target_uid), by the UIDs of the sample's cards.
RELATIONSHIPS = Path(__file__).parent / "relationships.csv"


class Book(Protocol):
    """An address book in which people can be related."""

    def ids_by_uid(self) -> dict[str, str]:
        """Return the ids of all contacts that have a UID."""
        ...

    def relate(self, source: str, kind: str, target: str) -> bool:
        """Relate two contacts; return whether that was new."""
        ...


def introduce(book: Book) -> int:
    """Relate the people of the sample to each other; return how many relationships are new."""
    ids = book.ids_by_uid()
    return sum(
        book.relate(ids[source], kind, ids[target])
        for source, kind, target in _rows()
        if source in ids and target in ids
    )


def _rows() -> Iterator[tuple[str, str, str]]:
    with RELATIONSHIPS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["source_uid"], row["type"], row["target_uid"]
