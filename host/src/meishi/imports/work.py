"""The work: looking into files and taking in what they hold, as jobs of the importer's plugin.

So they wait while it is switched off, and are listed among its jobs. They are done where the files
are, also if the plugin is elsewhere: then its service is asked, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, replace
from uuid import UUID

import msgspec

from meishi.context import current_scope, enter_scope
from meishi.declarations import ImportChunk, Job, JobProgress, JobResult, RetryPolicy
from meishi.imports import repository
from meishi.imports.answers import MAX_REJECTS
from meishi.imports.asking import looked_into, taken
from meishi.imports.calling import not_found, watched
from meishi.imports.importers import OfferedImporter, importers_of
from meishi.imports.models import DB_SCHEMA
from meishi.imports.pieces import remove_pieces
from meishi.imports.records import Counts, FileImport
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.import_jobs import preview_job, run_job
from meishi.sdk.contract import DomainError

#: What an importer raises is no passing trouble; a process that ends is, and a service away.
_RETRY = RetryPolicy(attempts=10, longest_wait_seconds=60.0, fatal=(DomainError,))
_RETRY_THERE = replace(_RETRY, attempts=30)

#: Seconds that a step has besides those of the importer, if that runs elsewhere.
_BESIDE = 30.0


def all_jobs(active: Iterable[Contribution]) -> Iterator[tuple[str, Job]]:
    """Yield all jobs of active plugins with their names: their own, and those of importers."""
    for contribution in active:
        for job in contribution.jobs:
            yield contribution.plugin, job
        for offered in importers_of([contribution]):
            preview, run = preview_job(offered.importer), run_job(offered.importer)
            yield contribution.plugin, _job(preview, offered, _previewing(offered))
            yield contribution.plugin, _job(run, offered, _running(offered))


def _job(name: str, offered: OfferedImporter, run: Callable[..., JobProgress | JobResult]) -> Job:
    here = offered.placement is None
    return Job(
        name=name,
        run=run,
        key="import_id",
        limit_seconds=offered.importer.limit_seconds + (0.0 if here else _BESIDE),
        retry=_RETRY if here else _RETRY_THERE,
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
        preview = looked_into(_of_run(import_id, run, offered), offered)
        with current_scope().work.entered(DB_SCHEMA):
            text = msgspec.json.encode(preview).decode()
            repository.change(import_id, preview=text, tries=0)
    return JobResult(value={"columns": len(preview.columns), "total": preview.total})


def _step(offered: OfferedImporter, import_id: UUID, run: UUID) -> JobProgress | JobResult:
    found = _of_run(import_id, run, offered)
    if found.state.final:
        return JobResult(value={**asdict(found.counts), "dry_run": found.dry_run})
    elsewhere = offered.placement is not None and not found.dry_run
    with watched(import_id, offered, chunk=found if elsewhere else None):
        chunk = taken(found, offered)
        _keep(found, chunk)
    done = found.size if chunk.following is None else chunk.following
    return JobProgress(done=done, total=found.size, unit="bytes")


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


def _of_run(import_id: UUID, run: UUID, offered: OfferedImporter) -> FileImport:
    """Return an import, if this run is the one that was asked for last.

    Nothing is held of the database here while a service is at work.
    """
    scope = current_scope()
    reading = nullcontext(scope) if offered.placement is None else enter_scope(scope.aside())
    with reading as inner, inner.work.entered(DB_SCHEMA):
        found = repository.get(import_id)
    if found is None or found.run != run:
        raise not_found(import_id)
    return found
