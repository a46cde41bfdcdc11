"""The side that is asked: the importers of a service's own plugins, each as its plugin's code."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast

import msgspec

from meishi.context import current_scope
from meishi.database.statement_limits import limited_statements
from meishi.declarations import ImportChunk, ImportTask, PluginContext
from meishi.imports.across import KeptFile, KeptFiles
from meishi.imports.answers import checked_chunk, checked_preview
from meishi.imports.calling import called
from meishi.imports.chunks import undone
from meishi.imports.distant_file import BUFFER, DistantFile
from meishi.imports.environment import environment
from meishi.imports.importers import OfferedImporter, importers_of
from meishi.imports.models import DB_SCHEMA
from meishi.imports.records import ImporterNotFound

R = TypeVar("R")


class ImportersHere:
    """Implements `PlacedImporters` for the plugins that run here as a service."""

    def __init__(self, _: PluginContext, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Be made for one unit of work; `elapsed` is a clock that only goes forward, in seconds."""
        self._elapsed = elapsed

    def detect(self, plugin: str, importer: str, head: bytes) -> bool:
        """Return whether an importer reads a file that begins like this."""
        offered = _own(plugin, importer)
        detect = offered.importer.detect
        return detect is None or bool(_called(offered, lambda: detect(head)))

    def preview(self, plugin: str, importer: str, file: KeptFile) -> bytes:
        """Return what an importer sees in a file."""
        offered = _own(plugin, importer)
        with self._opened(offered, file) as opened:
            seen = _called(offered, lambda: checked_preview(offered.importer.preview(opened)))
        return msgspec.json.encode(seen)

    def run(self, plugin: str, importer: str, file: KeptFile, task: bytes) -> ImportChunk:
        """Have a chunk of a file taken in; what is only tried is undone."""
        offered = _own(plugin, importer)
        wanted = msgspec.json.decode(task, type=ImportTask)
        with self._opened(offered, file) as opened:
            opened.seek(wanted.offset)

            def call() -> ImportChunk:
                return checked_chunk(offered.importer.run(opened, wanted), wanted, file.size)

            chunk = _called(offered, (lambda: undone(call)) if wanted.dry_run else call)
            # Whoever has deleted it meanwhile, for example to erase a person, wants none of it.
            _files().read(file.import_id, 0, 0)
        return chunk

    @contextmanager
    def _opened(self, offered: OfferedImporter, file: KeptFile) -> Iterator[BinaryIO]:
        """Open a file that the main deployment keeps; who could not read it has done nothing."""
        until = self._elapsed() + offered.importer.limit_seconds
        raw = DistantFile(file, _files(), lambda: self._elapsed() > until)
        try:
            with io.BufferedReader(raw, BUFFER) as opened:
                yield cast("BinaryIO", opened)
        except Exception as error:
            if raw.fault is None or error is raw.fault:
                raise
            raise raw.fault from error
        if raw.fault is not None:
            raise raw.fault


def _files() -> KeptFiles:
    host = environment()
    return host.ways.service(KeptFiles, DB_SCHEMA, host.settings.main_placement)


def _own(plugin: str, name: str) -> OfferedImporter:
    host = environment()
    own = (i for i in host.plugins.active() if i.plugin == plugin and plugin in host.settings.only)
    for offered in importers_of(own):
        if offered.importer.name == name:
            return offered
    raise ImporterNotFound(
        f"The service of {plugin} has no importer {name!r}; it may be of another version."
    )


def _called(offered: OfferedImporter, call: Callable[[], R]) -> R:
    work = current_scope().work
    with limited_statements(work, offered.importer.limit_seconds), work.savepoint():
        return called(offered, call)
