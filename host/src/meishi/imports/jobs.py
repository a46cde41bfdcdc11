"""What comes by itself, or before an importer is known."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from meishi.calls.failures import CallFailed
from meishi.context import current_scope, enter_scope
from meishi.declarations import JobProgress, JobResult
from meishi.imports import repository
from meishi.imports.asking import reads
from meishi.imports.calling import not_found
from meishi.imports.importers import OfferedImporter, candidates
from meishi.imports.models import DB_SCHEMA
from meishi.imports.records import FileImport, ImporterNotFound
from meishi.imports.starting import recognised

#: Days after which an import is forgotten with its file.
KEPT_DAYS = 14

_ASK = """
    UPDATE meishi_imports.file_import SET asked = asked || %(importer)s::text
    WHERE id = %(id)s AND importer = ''
"""

_TAKE_BACK = """
    UPDATE meishi_imports.file_import SET asked = array_remove(asked, %(importer)s::text)
    WHERE id = %(id)s AND importer = ''
"""

_ASKED = "SELECT asked FROM meishi_imports.file_import WHERE id = %(id)s"


def forget_old() -> None:
    """Forget the imports of a workspace that are too old to go on, with their files."""
    repository.remove_older(current_scope().host.clock() - timedelta(days=KEPT_DAYS))


def recognise(*, import_id: UUID, run: UUID) -> JobProgress | JobResult:
    """Ask the next importer whether it reads a file; the first that does looks into it.

    That it was asked is noted before, in a transaction of its own: one that does not come back
    is not asked again. Whose service is away is waited for: a file is read by the first who can.
    Nothing is held of the database here while one is asked.
    """
    with enter_scope(current_scope().aside()) as inner, inner.work.entered(DB_SCHEMA):
        found = repository.get(import_id)
        if found is None or found.run != run:
            raise not_found(import_id)
        asked = inner.work.execute(_ASKED, {"id": import_id})[0][0]
    if found.importer is not None:
        return JobResult(value={"importer": found.importer})
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
    """Whether an importer says that it reads a file; it is asked once, if it can be asked."""
    _note(_ASK, found, offered)
    try:
        return reads(found, offered)
    except CallFailed:
        _note(_TAKE_BACK, found, offered)
        raise


def _note(statement: str, found: FileImport, offered: OfferedImporter) -> None:
    with enter_scope(current_scope().aside()) as inner, inner.work.entered(DB_SCHEMA):
        inner.work.execute(statement, {"id": found.id, "importer": offered.importer.name})
