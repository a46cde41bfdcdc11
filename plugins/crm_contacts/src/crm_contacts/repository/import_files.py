"""Files on their way in: stored in pieces, read at any offset."""

from __future__ import annotations

import io
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_contacts.contract import PIECE_BYTES
from crm_contacts.models import import_piece
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection


def add_piece(import_id: UUID, number: int, content: bytes) -> None:
    """Insert a piece, unless it is there."""
    statement = insert(import_piece).values(
        workspace_id=current_workspace(), import_id=import_id, number=number, content=content
    )
    current_connection().execute(statement.on_conflict_do_nothing())


def size_of(import_id: UUID) -> int:
    """Return how many octets there are."""
    octets = func.coalesce(func.sum(func.octet_length(import_piece.c.content)), 0)
    statement = select(octets).where(import_piece.c.import_id == import_id)
    return int(current_connection().execute(statement).scalar_one())


def remove(import_id: UUID) -> None:
    """Delete the file."""
    statement = delete(import_piece).where(import_piece.c.import_id == import_id)
    current_connection().execute(statement)


def open_at(import_id: UUID, offset: int) -> BinaryIO:
    """Open the file at an offset; it must be read in the transaction that opened it."""
    return cast("BinaryIO", _StoredFile(import_id, offset))


class _StoredFile(io.RawIOBase):
    """A file of which no more is in memory than what is read."""

    def __init__(self, import_id: UUID, offset: int) -> None:
        self._import_id = import_id
        self._offset = offset

    def read(self, size: int = -1) -> bytes:
        """Return as many octets, or all; fewer only at the end."""
        found = bytearray()
        while size < 0 or len(found) < size:
            piece = self._part_of_piece(PIECE_BYTES if size < 0 else size - len(found))
            if not piece:
                break
            self._offset += len(piece)
            found += piece
        return bytes(found)

    def _part_of_piece(self, size: int) -> bytes:
        number, start = divmod(self._offset, PIECE_BYTES)
        statement = select(func.substr(import_piece.c.content, start + 1, size)).where(
            import_piece.c.import_id == self._import_id, import_piece.c.number == number
        )
        return current_connection().execute(statement).scalar() or b""
