"""Imports across processes: what the importers of a service are asked, and the files they read.

A file stays where it was uploaded, in the main deployment, which also knows how far it has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from meishi.declarations import ImportChunk
from meishi.imports.records import FileImportNotFound, ImporterFailed, ImporterNotFound
from meishi.sdk.contract import command, query

#: Octets that are read of a file at once, at most.
MOST_READ = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that the main deployment keeps; `size` is in octets."""

    import_id: UUID
    size: int


class PlacedImporters(Protocol):
    """The importers of a service's plugins, which the main deployment asks.

    All raise `ImporterNotFound` for one that is not there, and `ImporterFailed` for one that fails.
    """

    @query(errors=(ImporterFailed, ImporterNotFound))
    def detect(self, plugin: str, importer: str, head: bytes) -> bool:
        """Return whether an importer reads a file that begins like this."""
        ...

    @query(errors=(FileImportNotFound, ImporterFailed, ImporterNotFound))
    def preview(self, plugin: str, importer: str, file: KeptFile) -> bytes:
        """Return what an importer sees in a file: an `ImportPreview` in JSON."""
        ...

    @command(errors=(FileImportNotFound, ImporterFailed, ImporterNotFound))
    def run(self, plugin: str, importer: str, file: KeptFile, task: bytes) -> ImportChunk:
        """Have a chunk of a file taken in; `task` is an `ImportTask` in JSON."""
        ...


class KeptFiles(Protocol):
    """The files on their way in, which importers of services read at the main deployment."""

    @query(errors=(FileImportNotFound,))
    def read(self, import_id: UUID, offset: int, size: int) -> bytes:
        """Return octets of a file: fewer at its end alone, and never more than `MOST_READ`.

        :raises FileImportNotFound: if there is none in the workspace for a plugin of who asks
        """
        ...
