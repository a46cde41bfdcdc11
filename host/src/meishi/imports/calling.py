"""Calling importers: what they raise names them, and one that never comes back is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from meishi.context import current_scope, enter_scope
from meishi.events.delivery import PASSING, is_away, neighbour_is_away, sqlstate
from meishi.imports.importers import OfferedImporter
from meishi.imports.models import DB_SCHEMA
from meishi.imports.records import FileImport, FileImportNotFound, ImporterFailed
from meishi.logs import logger
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import NoAnswer
from meishi.sdk.contract import DomainError

R = TypeVar("R")

#: Calls in a row that may end the process, or be ended with it.
MOST_TRIES = 3

_COUNT = """
    UPDATE meishi_imports.file_import SET tries = tries + %(more)s,
        sent = CASE WHEN NOT %(settled)s THEN coalesce(sent, %(sent)s::bigint) END
    WHERE id = %(id)s RETURNING tries
"""


class WrongAnswer(TypeError):
    """An importer returned something else than what its record says."""


@contextmanager
def watched(
    import_id: UUID, offered: OfferedImporter, *, chunk: FileImport | None = None
) -> Iterator[None]:
    """Run a block that calls an importer; count the calls that do not come back.

    Each is counted in a transaction of its own before it is made, and what it comes to takes that
    back. So whoever ends the process each time is given up by name. If the call has a `chunk` of an
    import taken in elsewhere, that it was sent is noted with it, until it is known what became of
    it. A service that is away is no fault of the importer's.

    :raises FileImportNotFound: if the import is gone
    :raises ImporterFailed: if the last calls have not come back
    """
    sent = None if chunk is None else chunk.done
    if _count(import_id, 1, sent=sent) > MOST_TRIES:
        raise ImporterFailed(
            f"The {offered.label} did not come back {MOST_TRIES} times: it took longer than "
            f"{offered.importer.limit_seconds:g} s, or its process ended. What was taken in "
            "before stays."
        )
    try:
        yield
    except Exception as error:
        back = 0 if _was_left_alone(error) else -1
        _count(import_id, back, settled=_nothing_happened(error, chunk))
        raise


def called(offered: OfferedImporter, call: Callable[[], R]) -> R:
    """Return what the code of an importer returns, run as its plugin's.

    :raises ImporterFailed: if it raises, or has undone the transaction
    """
    work = current_scope().work
    try:
        with work.entered(offered.plugin):
            found = call()
        work.keep()
    except (Exception, SystemExit) as error:
        if is_away(error) or neighbour_is_away(error) or sqlstate(error) in PASSING:
            raise
        logger("error").error(
            "importer_failed",
            plugin=offered.plugin,
            importer=offered.importer.name,
            error=f"{type(error).__qualname__}: {error}",
        )
        raise failed(offered, error) from error
    return found


def failed(offered: OfferedImporter, error: BaseException) -> ImporterFailed:
    """Return the error for an importer that has raised, or answered what makes no sense."""
    return ImporterFailed(f"The {offered.label} failed: {_said(error)}")


def not_found(import_id: UUID) -> FileImportNotFound:
    """Return the error for an import that is not there."""
    return FileImportNotFound(f"There is no import {import_id} in this workspace.")


def _said(error: BaseException) -> str:
    """Return what people read of an error: only what was written for them."""
    if isinstance(error, (DomainError, WrongAnswer)):
        return str(error)
    return "the operators of this deployment can see why. What was taken in before stays."


def _was_left_alone(error: Exception) -> bool:
    """Whether a service has begun with a call, and never came to an end with it."""
    cause = error.__cause__ if isinstance(error, RemoteCallError) else None
    return isinstance(cause, NoAnswer) and cause.begun


def _nothing_happened(error: Exception, chunk: FileImport | None) -> bool:
    """Whether an error says that a chunk which was sent was never taken in.

    A service that has done it before answers so. That it was not reached now says nothing of
    earlier times; nor does a run that has no say in the import any more.
    """
    if chunk is None:
        return False
    if isinstance(error, RemoteCallError):
        return chunk.sent is None and not error.may_have_happened
    return isinstance(error, DomainError) and not isinstance(error, FileImportNotFound)


def _count(import_id: UUID, more: int, *, sent: int | None = None, settled: bool = False) -> int:
    scope = current_scope()
    values = {"id": import_id, "more": more, "sent": sent, "settled": settled}
    with enter_scope(scope.aside()) as inner, inner.work.entered(DB_SCHEMA):
        rows = inner.work.execute(_COUNT, values)
    if not rows:
        raise not_found(import_id)
    return int(rows[0][0])
