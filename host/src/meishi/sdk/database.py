"""What a plugin's `models.py` and `repository.py` need: the session, and naming of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import Session

from meishi.context import current_scope, substitute_scope
from meishi.database.reconciliation import APPEND_ONLY
from meishi.database.resolution import Resolved

__all__ = [
    "APPEND_ONLY",
    "Resolved",
    "current_connection",
    "current_session",
    "execute",
    "in_workspace_of",
    "past_readers",
    "plugin_metadata",
    "resolve",
    "savepoint",
]

_NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def plugin_metadata(plugin: str) -> MetaData:
    """Return metadata whose tables stand in the plugin's db_schema, with stable names."""
    return MetaData(schema=plugin, naming_convention=_NAMING)


def current_session() -> Session:
    """Return the running plugin's session; flush it, never commit it."""
    return current_scope().work.session()


def current_connection() -> Connection:
    """Return the connection for statements without objects; never commit it."""
    return current_scope().work.connection()


def execute(statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a statement as it stands (`%(name)s` for values), and return its rows.

    The short way, for hot paths: it costs a third of the same statement through
    `current_connection()`, and the server keeps its plan. Errors are SQLAlchemy's.
    """
    return current_scope().work.execute(statement, parameters)


def resolve(function: str, *key: object) -> Resolved | None:
    """Ask a function who a key belongs to, where no workspace is known yet.

    `function` is a `SECURITY DEFINER` function of the own db_schema, `<plugin>.resolve_<thing>`,
    whose one row holds `workspace_id`. As the first of a transaction it goes out together with
    BEGIN, and the transaction goes on in the workspace that was found.
    """
    return current_scope().work.resolve(function, key)


@contextmanager
def in_workspace_of(found: Resolved) -> Iterator[UUID]:
    """Run a block in the workspace that a key belongs to, as `resolve` has told.

    What it publishes and writes is that workspace's; sessions keep nothing of the one before.
    """
    scope = current_scope()
    workspace = found.workspace_id
    if workspace is None:
        raise LookupError("the key belongs to no workspace")
    scope.work.move_to(workspace)
    try:
        with substitute_scope(replace(scope, workspace_id=workspace)):
            yield workspace
    finally:
        scope.work.move_to(scope.workspace_id)


@contextmanager
def savepoint() -> Iterator[None]:
    """Run a block that is undone alone, with the events it published, when it raises."""
    with current_scope().work.savepoint():
        yield


@contextmanager
def past_readers() -> Iterator[None]:
    """Run a block in which the plugin sees and changes what it keeps from who acts, too.

    For what has to hold of all rows, whoever sets it going. What is read in it is shown to nobody,
    unless somebody has made sure that they may see it.
    """
    work = current_scope().work
    with work.readers.passed(), work.entered(work.plugin):
        yield
