"""Files in pieces: stored as they come in, read at any offset with little of them in memory."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast
from uuid import UUID

from meishi.context import current_scope
from meishi.imports.models import DB_SCHEMA

#: Octets of every piece but the last, which may have less.
PIECE_BYTES = 1024 * 1024

#: Octets that are read at a time, however few an importer asks for.
_BUFFER = 128 * 1024

_ADD = """
    INSERT INTO meishi_imports.import_piece (workspace_id, import_id, number, content)
    VALUES (%(workspace)s, %(id)s, %(number)s, %(content)s)
"""

_READ = """
    SELECT substr(content, %(start)s, %(size)s) FROM meishi_imports.import_piece
    WHERE import_id = %(id)s AND number = %(number)s
"""

_REMOVE = "DELETE FROM meishi_imports.import_piece WHERE import_id = %(id)s"


def add_piece(import_id: UUID, number: int, content: bytes) -> None:
    """Store a piece of a file."""
    scope = current_scope()
    values = {"workspace": scope.workspace_id, "id": import_id, "number": number}
    scope.work.execute(_ADD, {**values, "content": content})


def remove_pieces(import_id: UUID) -> None:
    """Delete a file."""
    current_scope().work.execute(_REMOVE, {"id": import_id})


def open_file(import_id: UUID, size: int) -> BinaryIO:
    """Open a file, for whoever's code runs; it is read in the transaction that opened it."""
    return cast("BinaryIO", io.BufferedReader(_StoredFile(import_id, size), _BUFFER))


class _StoredFile(io.RawIOBase):
    """A file of which no more is in memory than what is read."""

    def __init__(self, import_id: UUID, size: int) -> None:
        self._import_id = import_id
        self._size = size
        self._offset = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset of what is read next."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"a file has nothing at {start + offset}")
        self._offset = start + offset
        return self._offset

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the piece goes, and return how far that was."""
        view = memoryview(buffer).cast("B")
        number, start = divmod(self._offset, PIECE_BYTES)
        work = current_scope().work
        values = {"id": self._import_id, "number": number, "start": start + 1, "size": len(view)}
        with work.entered(DB_SCHEMA):
            rows = work.execute(_READ, values)
        content = bytes(rows[0][0]) if rows else b""
        view[: len(content)] = content
        self._offset += len(content)
        return len(content)
