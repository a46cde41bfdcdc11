"""The work: looking into files and taking in what they hold, as jobs of the importer's plugin.

So they run under its role, wait while it is switched off, and are listed among its jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from uuid import UUID

import msgspec

from meishi.context import current_scope
from meishi.declarations import (
    ImportChunk,
    Importer,
    ImportTask,
    Job,
    JobProgress,
    JobResult,
    RetryPolicy,
)
from meishi.imports import repository
from meishi.imports.answers import MAX_REJECTS, checked_chunk, checked_preview
from meishi.imports.calling import called, not_found, watched
from meishi.imports.importers import OfferedImporter
from meishi.imports.models import DB_SCHEMA
from meishi.imports.pieces import open_file, remove_pieces
from meishi.imports.records import Counts, FileImport
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.import_jobs import preview_job, run_job
from meishi.sdk.contract import DomainError

#: What an importer raises is no passing trouble; a process that ends is.
_RETRY = RetryPolicy(attempts=10, longest_wait_seconds=60.0, fatal=(DomainError,))


class _Tried(Exception):
    """What was done in order to be undone."""


def all_jobs(active: Iterable[Contribution]) -> Iterator[tuple[str, Job]]:
    """Yield all jobs of active plugins with their names: their own, and those of importers."""
    for contribution in active:
        for job in contribution.jobs:
            yield contribution.plugin, job
        for importer in contribution.importers:
            offered = OfferedImporter(
                plugin=contribution.plugin,
                importer=importer,
                permission=f"{contribution.manifest.prefix}.{importer.permission}",
            )
            yield contribution.plugin, _job(preview_job(importer), importer, _previewing(offered))
            yield contribution.plugin, _job(run_job(importer), importer, _running(offered))


def _job(name: str, importer: Importer, run: Callable[..., JobProgress | JobResult]) -> Job:
    return Job(
        name=name, run=run, key="import_id", limit_seconds=importer.limit_seconds, retry=_RETRY
    )


def _previewing(offered: OfferedImporter) -> Callable[..., JobResult]:
    def preview(*, import_id: UUID, run: UUID) -> JobResult:
        """Look into a file, and keep what is seen."""
        return _preview(offered, import_id, run)

    return preview


def _running(offered: OfferedImporter) -> Callable[..., JobProgress | JobResult]:
    def step(*, import_id: UUID, run: UUID) -> JobProgress | JobResult:
        """Take in the next chunk of a file; at its end, tell what became of all."""
        return _step(offered, import_id, run)

    return step


def _preview(offered: OfferedImporter, import_id: UUID, run: UUID) -> JobResult:
    with watched(import_id, offered):
        found = _of_run(import_id, run)
        with open_file(import_id, found.size) as file:
            preview = called(offered, lambda: checked_preview(offered.importer.preview(file)))
        with current_scope().work.entered(DB_SCHEMA):
            text = msgspec.json.encode(preview).decode()
            repository.change(import_id, preview=text, tries=0)
    return JobResult(value={"columns": len(preview.columns), "total": preview.total})


def _step(offered: OfferedImporter, import_id: UUID, run: UUID) -> JobProgress | JobResult:
    found = _of_run(import_id, run)
    if found.state.final:
        return JobResult(value={**asdict(found.counts), "dry_run": found.dry_run})
    with watched(import_id, offered):
        chunk = _chunk(offered, found)
        _keep(found, chunk)
    done = found.size if chunk.following is None else chunk.following
    return JobProgress(done=done, total=found.size, unit="bytes")


def _chunk(offered: OfferedImporter, found: FileImport) -> ImportChunk:
    task = ImportTask(
        mapping=found.mapping,
        dry_run=found.dry_run,
        offset=found.done,
        items=found.counts.items,
        state=found.next_state,
    )
    with open_file(found.id, found.size) as file:
        file.seek(found.done)

        def call() -> ImportChunk:
            return checked_chunk(offered.importer.run(file, task), task, found.size)

        return called(offered, (lambda: _undone(call)) if found.dry_run else call)


def _undone(call: Callable[[], ImportChunk]) -> ImportChunk:
    """Return what a chunk would come to; nothing that it stores or publishes is kept."""
    chunks: list[ImportChunk] = []
    try:
        with current_scope().work.savepoint():
            chunks.append(call())
            raise _Tried
    except _Tried:
        return chunks[0]


def _keep(found: FileImport, chunk: ImportChunk) -> None:
    """Write down how far it came, in the transaction of what was stored."""
    counts = Counts(
        created=found.counts.created + chunk.created,
        updated=found.counts.updated + chunk.updated,
        unchanged=found.counts.unchanged + chunk.unchanged,
        rejected=found.counts.rejected + len(chunk.rejected),
    )
    with current_scope().work.entered(DB_SCHEMA):
        if not repository.advance(found, counts, chunk.following, chunk.state):
            raise not_found(found.id)
        first = found.counts.rejected
        repository.add_rejects(found.id, first, chunk.rejected[: max(0, MAX_REJECTS - first)])
        if chunk.following is None and not found.dry_run:
            remove_pieces(found.id)
            repository.change(found.id, preview=None)


def _of_run(import_id: UUID, run: UUID) -> FileImport:
    """Return an import, if this run is the one that was asked for last."""
    with current_scope().work.entered(DB_SCHEMA):
        found = repository.get(import_id)
    if found is None or found.run != run:
        raise not_found(import_id)
    return found
