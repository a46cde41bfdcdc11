"""Uploads: a file comes in piece by piece, for an importer that is named or that its kind tells."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO
from uuid import UUID

from meishi.context import current_scope
from meishi.imports import repository
from meishi.imports.importers import OfferedImporter, importer_called, importers_for
from meishi.imports.pieces import PIECE_BYTES, add_piece
from meishi.imports.records import EmptyFile, FileTooLarge, ImporterNotFound


def upload(body: BinaryIO, *, importer: str | None, name: str | None, media_type: str) -> UUID:
    """Store a file, and return the id of its import, which waits for its preview or its run.

    Without an importer, the only one that takes such files is meant; of several, the preview finds
    out which reads it.

    :raises ImporterNotFound: if there is none of that name, or none for such files
    :raises PluginDisabled: if the importer's plugin is switched off here
    :raises Forbidden: if the caller lacks the permission for the importer
    :raises FileTooLarge: if it has more octets than is allowed
    :raises EmptyFile: if it has none
    """
    meant = _meant(importer, media_type, name)
    chosen = meant[0] if len(meant) == 1 else None
    import_id = current_scope().host.new_id()
    repository.add(
        import_id,
        name=name,
        media_type=media_type,
        plugin=None if chosen is None else chosen.plugin,
        importer=None if chosen is None else chosen.importer.name,
    )
    size = _store(import_id, body, max(item.importer.max_bytes for item in meant))
    if not size:
        raise EmptyFile("There is nothing in the file.")
    repository.change(import_id, size=size)
    return import_id


def _meant(importer: str | None, media_type: str, name: str | None) -> list[OfferedImporter]:
    if importer is not None:
        return [importer_called(importer)]
    found = importers_for(media_type, name)
    if not found:
        raise ImporterNotFound(
            f"Nobody reads files of the type {media_type!r}"
            f"{f', or called {name!r}' if name else ''}; name an importer."
        )
    return found


def _store(import_id: UUID, body: BinaryIO, most: int) -> int:
    """Store a body, and return how many octets it has."""
    size = 0
    for number, piece in enumerate(iter(partial(body.read, PIECE_BYTES), b"")):
        size += len(piece)
        if size > most:
            raise FileTooLarge(f"The file may have {most} octets.")
        add_piece(import_id, number, piece)
    return size
