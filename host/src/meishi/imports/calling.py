"""Calling importers: what they raise names them, and one that never comes back is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from meishi.context import current_scope, enter_scope
from meishi.events.delivery import PASSING, is_away, sqlstate
from meishi.imports.importers import OfferedImporter
from meishi.imports.models import DB_SCHEMA
from meishi.imports.records import FileImportNotFound, ImporterFailed
from meishi.logs import logger
from meishi.sdk.contract import DomainError

R = TypeVar("R")

#: Calls in a row that may end the process, or be ended with it.
MOST_TRIES = 3

_COUNT = """
    UPDATE meishi_imports.file_import SET tries = tries + %(more)s WHERE id = %(id)s
    RETURNING tries
"""


class WrongAnswer(TypeError):
    """An importer returned something else than what its record says."""


@contextmanager
def watched(import_id: UUID, offered: OfferedImporter) -> Iterator[None]:
    """Run a block that calls an importer; count the calls that do not come back.

    Each is counted in a transaction of its own before it is made, and what it comes to takes that
    back. So whoever ends the process each time is given up by name.

    :raises FileImportNotFound: if the import is gone
    :raises ImporterFailed: if the last calls have not come back
    """
    if _count(import_id, 1) > MOST_TRIES:
        raise ImporterFailed(
            f"The {offered.label} did not come back {MOST_TRIES} times: it took longer than "
            f"{offered.importer.limit_seconds:g} s, or its process ended. What was taken in "
            "before stays."
        )
    try:
        yield
    except Exception:
        _count(import_id, -1)
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
        if is_away(error) or sqlstate(error) in PASSING:
            raise
        logger("error").error(
            "importer_failed",
            plugin=offered.plugin,
            importer=offered.importer.name,
            error=f"{type(error).__qualname__}: {error}",
        )
        raise ImporterFailed(f"The {offered.label} failed: {_said(error)}") from error
    return found


def not_found(import_id: UUID) -> FileImportNotFound:
    """Return the error for an import that is not there."""
    return FileImportNotFound(f"There is no import {import_id} in this workspace.")


def _said(error: BaseException) -> str:
    """Return what people read of an error: only what was written for them."""
    if isinstance(error, (DomainError, WrongAnswer)):
        return str(error)
    return "the operators of this deployment can see why. What was taken in before stays."


def _count(import_id: UUID, more: int) -> int:
    scope = current_scope()
    with enter_scope(scope.aside()) as inner, inner.work.entered(DB_SCHEMA):
        rows = inner.work.execute(_COUNT, {"id": import_id, "more": more})
    if not rows:
        raise not_found(import_id)
    return int(rows[0][0])
