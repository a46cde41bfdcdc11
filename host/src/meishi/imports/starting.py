"""What is asked of an import: to be looked into, to run, to be shown, to go."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import msgspec

from meishi.context import current_scope
from meishi.core.operations.contract import (
    Operation,
    OperationEnded,
    OperationNotFound,
    Operations,
)
from meishi.imports import repository
from meishi.imports.calling import not_found
from meishi.imports.importers import OfferedImporter, importer_called, offered_importers
from meishi.imports.models import DB_SCHEMA
from meishi.imports.records import (
    FileImport,
    ImportBegun,
    ImporterNotFound,
    ImporterUnknown,
    ImportList,
    ImportState,
    ImportUnderWay,
    RejectList,
)
from meishi.lifecycle.import_jobs import preview_job, run_job

#: The job that asks importers whether they read a file.
RECOGNISE = "recognise"

MAX_PAGE = 200


def get_import(import_id: UUID, *, lock: bool = False) -> FileImport:
    """Return an import whose importer the caller may use.

    :raises FileImportNotFound: if there is none
    :raises ImporterNotFound: if its importer is gone
    :raises PluginDisabled: if its importer's plugin is switched off here
    :raises Forbidden: if the caller lacks the permission for its importer
    """
    found = repository.get(import_id, lock=lock)
    if found is None:
        raise not_found(import_id)
    if found.importer is not None:
        importer_called(found.importer)
    return found


def list_imports(*, after: UUID | None, limit: int) -> ImportList:
    """Return imports whose importers the caller may use, newest first."""
    names = [item.importer.name for item in offered_importers()]
    items = repository.page(names, after, limit + 1)
    more = len(items) > limit
    return ImportList(items=tuple(items[:limit]), next_after=items[limit - 1].id if more else None)


def list_rejects(import_id: UUID, *, after: int | None, limit: int) -> RejectList:
    """Return what was rejected of an import; raises what `get_import` does."""
    get_import(import_id)
    items = repository.rejects(import_id, after or 0, limit + 1)
    return RejectList(
        items=tuple(item for _, item in items[:limit]),
        next_after=items[limit - 1][0] if len(items) > limit else None,
    )


def start_preview(import_id: UUID) -> Operation:
    """Have a worker look into a file; where nobody is known to read it, that is found out first.

    Raises what `get_import` does.

    :raises ImportUnderWay: if a run is under way
    :raises ImportBegun: if it has run to its end, and the file is gone
    """
    found = get_import(import_id, lock=True)
    current = _under_way(found)
    if current is not None:
        if current.kind.endswith(f".import-{found.importer}"):
            raise ImportUnderWay("The import runs; ask again when it has ended.")
        return current
    if found.state is ImportState.COMPLETED:
        raise ImportBegun("The import is complete, and its file is gone.")
    if found.importer is None:
        return _request(found, DB_SCHEMA, RECOGNISE)
    offered = importer_called(found.importer)
    return _request(found, offered.plugin, preview_job(offered.importer))


def start_run(import_id: UUID, *, mapping: Mapping[str, str] | None, dry_run: bool) -> Operation:
    """Have a worker take in what a file holds; raises what `get_import` does.

    Without a mapping, that of the preview is taken. What has stopped on its way goes on there; what
    was only tried begins anew. Where a service may have taken in a part, that counts as begun.

    :raises ImporterUnknown: if nobody has said yet who reads the file
    :raises ImportUnderWay: if something else is done with it
    :raises ImportBegun: if it was run with another mapping, or to its end
    """
    found = get_import(import_id, lock=True)
    if found.importer is None:
        raise ImporterUnknown("Have a preview made first: it finds out who reads the file.")
    offered = importer_called(found.importer)
    chosen = dict(_proposed(found) if mapping is None else mapping)
    same = (chosen, dry_run) == (dict(found.mapping), found.dry_run)
    current = _under_way(found)
    if current is not None:
        if same and current.kind == f"{offered.plugin}.{run_job(offered.importer)}":
            return current
        raise ImportUnderWay("Something else is done with the file; ask again when it has ended.")
    if found.state is ImportState.COMPLETED:
        raise ImportBegun("The import is complete.")
    begun = found.done or found.sent is not None
    if begun and not found.dry_run and not same:
        raise ImportBegun("A part of the file is taken in already; go on with the same mapping.")
    if not same or found.state is ImportState.TRIED:
        _begin_anew(found, chosen, dry_run=dry_run)
    return _request(found, offered.plugin, run_job(offered.importer))


def delete_import(import_id: UUID) -> None:
    """Forget an import with its file, and stop what is done with it; what came in stays.

    Raises what `get_import` does, but for an importer that is gone.
    """
    with suppress(ImporterNotFound):
        get_import(import_id, lock=True)
    stop_and_remove(import_id)


def stop_and_remove(import_id: UUID) -> None:
    """Delete an import, then cancel what is done with it."""
    found = repository.get(import_id, lock=True)
    if found is None:
        return
    repository.remove(import_id)
    if found.operation_id is not None:
        with suppress(OperationNotFound, OperationEnded):
            current_scope().host.service(Operations).cancel(found.operation_id)


def recognised(found: FileImport, offered: OfferedImporter) -> Operation:
    """Note who reads a file, and have them look into it."""
    repository.change(found.id, plugin=offered.plugin, importer=offered.importer.name)
    return _request(found, offered.plugin, preview_job(offered.importer))


def _request(found: FileImport, plugin: str, job: str) -> Operation:
    """Ask for a job of a plugin that has a say in an import from now on."""
    scope = current_scope()
    run = scope.host.new_id()
    with scope.work.entered(plugin):
        operation_id = scope.host.request_job(
            job,
            {"import_id": found.id, "run": run},
            at=None,
            priority=None,
            subject=f"/api/v1/imports/{found.id}",
        )
    repository.change(found.id, run=run, operation_id=operation_id, tries=0)
    return scope.host.service(Operations).get(operation_id)


def _begin_anew(found: FileImport, mapping: Mapping[str, str], *, dry_run: bool) -> None:
    repository.forget_rejects(found.id)
    repository.change(
        found.id,
        mapping=msgspec.json.encode(mapping).decode(),
        dry_run=dry_run,
        state=ImportState.UPLOADED.value,
        next_offset=0,
        next_state="",
        created=0,
        updated=0,
        unchanged=0,
        rejected=0,
        completed_at=None,
    )


def _proposed(found: FileImport) -> Mapping[str, str]:
    if found.mapping or found.done:
        return found.mapping
    return {} if found.preview is None else found.preview.mapping


def _under_way(found: FileImport) -> Operation | None:
    if found.operation_id is None:
        return None
    try:
        operation = current_scope().host.service(Operations).get(found.operation_id)
    except OperationNotFound:
        return None
    return None if operation.state.final else operation
