"""Reading on in an address book while the database is at work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Self

from crm_contacts.importing import ContactBatch
from crm_contacts.repository.imports import StoredImport
from crm_contacts.sources import Chunk, Position
from meishi.sdk.context import beside

#: Reads the chunk of an import at a position, and makes its contacts ready.
_Read = Callable[[StoredImport, Position], tuple[Chunk, ContactBatch]]


class ReadAhead:
    """Reads the next chunk in another thread, while the database is at work on this one."""

    def __init__(self, read: _Read) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._begun: tuple[Position, Future[tuple[Chunk, ContactBatch]]] | None = None

    @property
    def reads(self) -> bool:
        """Whether a chunk was begun that nobody has asked for yet."""
        return self._begun is not None

    def begin(self, stored: StoredImport, start: Position) -> None:
        """Start to read the chunk there, unless that has begun."""
        if self._begun is None or self._begun[0] != start:
            self._begun = start, self._thread.submit(beside(partial(self._read, stored, start)))

    def chunk(self, stored: StoredImport, start: Position) -> tuple[Chunk, ContactBatch]:
        """Return the chunk there, which may have been read already."""
        begun, self._begun = self._begun, None
        if begun is not None and begun[0] == start:
            return begun[1].result()
        return self._read(stored, start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)
