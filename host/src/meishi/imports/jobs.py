"""What comes by itself, or before an importer is known."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from meishi.context import current_scope, enter_scope
from meishi.declarations import JobProgress, JobResult
from meishi.imports import repository
from meishi.imports.calling import called, not_found
from meishi.imports.importers import OfferedImporter, candidates
from meishi.imports.models import DB_SCHEMA
from meishi.imports.pieces import open_file
from meishi.imports.records import FileImport, ImporterFailed, ImporterNotFound
from meishi.imports.starting import recognised

#: Days after which an import is forgotten with its file.
KEPT_DAYS = 14

#: Octets of a file by which an importer may know it.
HEAD_BYTES = 64 * 1024

_ASK = """
    UPDATE meishi_imports.file_import SET asked = asked || %(importer)s::text
    WHERE id = %(id)s AND importer = ''
"""

_ASKED = "SELECT asked FROM meishi_imports.file_import WHERE id = %(id)s"


def forget_old() -> None:
    """Forget the imports of a workspace that are too old to go on, with their files."""
    repository.remove_older(current_scope().host.clock() - timedelta(days=KEPT_DAYS))


def recognise(*, import_id: UUID, run: UUID) -> JobProgress | JobResult:
    """Ask the next importer whether it reads a file; the first that does looks into it.

    That it was asked is noted before, in a transaction of its own: one that does not come back
    is not asked again.
    """
    found = repository.get(import_id)
    if found is None or found.run != run:
        raise not_found(import_id)
    if found.importer is not None:
        return JobResult(value={"importer": found.importer})
    asked = current_scope().work.execute(_ASKED, {"id": import_id})[0][0]
    waiting = [item for item in candidates(found) if item.importer.name not in asked]
    if not waiting:
        raise ImporterNotFound("Nobody who takes such files can read this one; name an importer.")
    if _reads(found, waiting[0]):
        operation = recognised(found, waiting[0])
        return JobResult(
            value={"importer": waiting[0].importer.name, "operation_id": str(operation.id)}
        )
    return JobProgress(done=len(asked) + 1, total=len(asked) + len(waiting), unit="importers")


def _reads(found: FileImport, offered: OfferedImporter) -> bool:
    """Whether an importer says that it reads a file; one that fails does not."""
    scope = current_scope()
    with enter_scope(scope.aside()) as inner, inner.work.entered(DB_SCHEMA):
        inner.work.execute(_ASK, {"id": found.id, "importer": offered.importer.name})
    detect = offered.importer.detect
    if detect is None:
        return True
    with open_file(found.id, found.size) as file:
        head = file.read(HEAD_BYTES)
    try:
        with scope.work.savepoint():
            return bool(called(offered, lambda: detect(head)))
    except ImporterFailed:
        return False
