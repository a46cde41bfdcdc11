"""The side that keeps the files: importers of services read them here."""

from __future__ import annotations

from uuid import UUID

from meishi.context import current_scope
from meishi.declarations import PluginContext
from meishi.imports import repository
from meishi.imports.across import MOST_READ
from meishi.imports.calling import not_found
from meishi.imports.pieces import open_file


class FilesKeptHere:
    """Implements `KeptFiles`; a service reads what its own plugin's importers are to read."""

    def __init__(self, _: PluginContext) -> None:
        """Be made for one unit of work."""

    def read(self, import_id: UUID, offset: int, size: int) -> bytes:
        """Return octets of a file."""
        found, asking = repository.get(import_id), current_scope().asked_by
        if found is None or (asking is not None and found.plugin not in asking):
            raise not_found(import_id)
        with open_file(import_id, found.size) as file:
            file.seek(max(0, offset))
            return file.read(max(0, min(size, MOST_READ)))
