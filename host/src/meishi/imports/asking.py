"""Asking importers, here or where they run: who reads a file, what is in it, the next chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID, uuid5

import msgspec

from meishi.calls.codec import CallCodec
from meishi.calls.registry import placed_service
from meishi.calls.rules import contract_methods
from meishi.context import current_scope, enter_scope
from meishi.declarations import ImportChunk, ImportPreview, ImportTask
from meishi.imports.across import KeptFile, PlacedImporters
from meishi.imports.answers import checked_chunk, checked_preview
from meishi.imports.calling import called, failed
from meishi.imports.chunks import undone
from meishi.imports.environment import environment
from meishi.imports.importers import OfferedImporter
from meishi.imports.models import DB_SCHEMA
from meishi.imports.pieces import open_file
from meishi.imports.records import FileImport, ImporterFailed, ImporterNotFound
from meishi.remote import answers
from meishi.remote.errors import RemoteCallError
from meishi.remote.models import DB_SCHEMA as ANSWERS
from meishi.remote.way import Way

R = TypeVar("R")

#: Octets of a file by which an importer may know it.
HEAD_BYTES = 64 * 1024

#: Seconds that a service has to say whether it reads a file.
_FOR_HEADS = 10.0

#: What services call the method that takes in a chunk.
_RUN = f"{DB_SCHEMA}.{PlacedImporters.__name__}.{PlacedImporters.run.__name__}"


def reads(found: FileImport, offered: OfferedImporter) -> bool:
    """Whether an importer says that it reads a file; one that fails, or that is gone, does not.

    :raises RemoteCallError: if its service does not answer
    """
    detect = offered.importer.detect
    if detect is None:
        return True
    head = _head(found)
    try:
        if offered.placement is not None:
            with _there(offered, _FOR_HEADS) as there:
                return there.detect(offered.plugin, offered.importer.name, head)
        with current_scope().work.savepoint():
            return bool(called(offered, lambda: detect(head)))
    except (ImporterFailed, ImporterNotFound):
        return False


def _head(found: FileImport) -> bytes:
    """Return how a file begins, with nothing held of the database behind that."""
    with (
        enter_scope(current_scope().aside()) as inner,
        inner.work.entered(DB_SCHEMA),
        open_file(found.id, found.size) as file,
    ):
        return file.read(HEAD_BYTES)


def looked_into(found: FileImport, offered: OfferedImporter) -> ImportPreview:
    """Return what an importer sees in a file.

    :raises ImporterFailed: if it fails, or shows what is no preview
    :raises RemoteCallError: if its service does not answer
    """
    if offered.placement is None:
        with open_file(found.id, found.size) as file:
            return called(offered, lambda: checked_preview(offered.importer.preview(file)))
    with _there(offered, offered.importer.limit_seconds) as there:
        document = there.preview(offered.plugin, offered.importer.name, _kept(found))
    return _sound(
        offered, lambda: checked_preview(msgspec.json.decode(document, type=ImportPreview))
    )


def taken(found: FileImport, offered: OfferedImporter) -> ImportChunk:
    """Have the next chunk of a file taken in; of one that is only tried nothing is kept.

    A service does each chunk of an import once, however often it is asked. What it has done
    before the plugin came back here is not done again either.

    :raises ImporterFailed: if the importer fails, or tells what is no chunk
    :raises RemoteCallError: if its service does not answer
    """
    task = ImportTask(
        mapping=found.mapping,
        dry_run=found.dry_run,
        offset=found.done,
        items=found.counts.items,
        state=found.next_state,
    )
    if offered.placement is not None:
        document = msgspec.json.encode(task)
        with _there(offered, offered.importer.limit_seconds, _key(found)) as there:
            chunk = there.run(offered.plugin, offered.importer.name, _kept(found), document)
        return _sound(offered, lambda: checked_chunk(chunk, task, found.size))
    done = _done_before(found)
    if done is not None:
        return done
    with open_file(found.id, found.size) as file:
        file.seek(found.done)

        def call() -> ImportChunk:
            return checked_chunk(offered.importer.run(file, task), task, found.size)

        return called(offered, (lambda: undone(call)) if found.dry_run else call)


@contextmanager
def _there(
    offered: OfferedImporter, seconds: float, key: UUID | None = None
) -> Iterator[PlacedImporters]:
    """Lend what stands for the service; that it does not answer is told with the plugin's name."""
    host = environment()
    host.refuse_held(offered.plugin)
    assert offered.placement is not None, "it runs elsewhere"
    way = Way(host.ways.line(offered.placement), seconds=seconds, key=key)
    try:
        yield placed_service(PlacedImporters, DB_SCHEMA, way)
    except RemoteCallError as error:
        raise RemoteCallError(
            offered.plugin, error.method, error.reason, may_have_happened=error.may_have_happened
        ) from (error.__cause__ or error)


def _kept(found: FileImport) -> KeptFile:
    return KeptFile(import_id=found.id, size=found.size)


def _key(found: FileImport) -> UUID:
    """Return what a chunk is known by: one that counts is there once, one that is tried, often."""
    if found.dry_run:
        return current_scope().host.new_id()
    return uuid5(found.id, str(found.done))


def _done_before(found: FileImport) -> ImportChunk | None:
    """Return what a service has answered that did the chunk, and whose answer did not come."""
    if found.sent is None:
        return None
    work = current_scope().work
    with work.entered(ANSWERS):
        document = answers.claim(work, _key(found), _RUN)
    if document is None:
        return None
    chunk: ImportChunk = CallCodec(
        contract_methods(PlacedImporters)[PlacedImporters.run.__name__]
    ).decode_result(document)
    return chunk


def _sound(offered: OfferedImporter, checked: Callable[[], R]) -> R:
    """Return what a service answered; raise `ImporterFailed` if that is nothing to go on with."""
    try:
        return checked()
    except (TypeError, ValueError) as error:
        raise failed(offered, error) from error
