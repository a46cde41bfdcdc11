"""The engine: transactions that carry a role and a workspace from their first statement on.

The driver's own transactions are off; BEGIN is sent by us, in one round trip with the role
and the workspace. Both are `SET LOCAL`, so they end with the transaction and can never reach
the next user of a pooled connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Transaction, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.elements import (
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)

from meishi.database.roles import quoted

IDENTITY_OPTION = "meishi_identity"

#: Limits of every runtime connection: a forgotten lock or query becomes an error, not a stop.
RUNTIME_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
}

#: Times that the server writes as text are in UTC.
_RUNTIME_OPTIONS = {**RUNTIME_LIMITS, "timezone": "UTC"}

#: Takes back what outlives a transaction; prepared statements stay, they hold no values.
_CLEAN = (
    "RESET ROLE; CLOSE ALL; UNLISTEN *; DISCARD TEMP; RESET ALL; SELECT pg_advisory_unlock_all()"
)

#: Key in a pooled connection's `info` while statements of plugins may have left something.
_USED = "meishi_used"

_TRANSACTION_CONTROL = re.compile(
    r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
    r"(?:COMMIT|ROLLBACK|BEGIN|END|ABORT|START|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)\b",
    re.IGNORECASE | re.DOTALL,
)
_OF_SQLALCHEMY = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)


class TransactionUndone(RuntimeError):
    """The transaction, or the savepoint in it, was ended by an error that somebody caught.

    What was done before is gone, so nothing done after may be kept.
    """


class CommitMisplaced(RuntimeError):
    """Something other than the host tried to begin, to commit or to undo."""


class SavepointMisplaced(RuntimeError):
    """A savepoint was opened past the unit of work: undone with it, its events would stay."""


@dataclass(slots=True)
class TransactionIdentity:
    """Which role and workspace a transaction should have, and which it was last given.

    `transaction` is the innermost savepoint, or the transaction itself once it has begun.
    """

    role: str | None = None
    workspace: UUID | None = None
    applied: tuple[str | None, UUID | None] | None = None
    transaction: Transaction | None = None
    ending: bool = False
    nesting: bool = False

    def in_step(self) -> bool:
        """Whether the server already has the wanted role and workspace."""
        return self.applied == (self.role, self.workspace)

    def statements(self) -> str:
        """Return the SQL that brings the server in step.

        Always both: a plugin's own statements may have changed either.
        """
        role = f"SET LOCAL ROLE {quoted(self.role) if self.role else 'NONE'}"
        return f"{role}; SET LOCAL meishi.workspace = '{self.workspace or ''}'"

    def note_applied(self) -> None:
        """Remember that the server is in step now."""
        self.applied = (self.role, self.workspace)

    def check_open(self) -> None:
        """Raise `TransactionUndone` if what is innermost has ended already."""
        if self.transaction is not None and not self.transaction.is_active:
            raise TransactionUndone("an error has undone this unit of work; it cannot go on")


def runtime_engine(url: str, *, pool: int) -> Engine:
    """Return the engine of the runtime login; it holds at most `pool` connections."""
    options = " ".join(f"-c {name}={value}" for name, value in _RUNTIME_OPTIONS.items())
    engine = create_engine(
        driver_url(url),
        isolation_level="AUTOCOMMIT",
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=10,
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={"options": options, "application_name": "meishi", "connect_timeout": 5},
    )
    event.listen(engine, "reset", _end_transaction)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _check_commit)
    event.listen(engine, "savepoint", _check_savepoint)
    event.listen(engine, "rollback_savepoint", _forget_identity)
    event.listen(engine, "before_cursor_execute", _keep_in_step)
    event.listen(engine, "handle_error", _hide_values)
    return engine


def driver_url(url: str) -> str:
    """Name the driver in a libpq-style URL, the form in which operators write it."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def failed(connection: Connection) -> bool:
    """Whether a statement failed since the last savepoint; the server would undo a commit."""
    return driver_of(connection).info.transaction_status is TransactionStatus.INERROR


def check_in_transaction(connection: Connection) -> None:
    """Raise `TransactionUndone` unless the server would keep what a commit ends."""
    status = driver_of(connection).info.transaction_status
    if status is TransactionStatus.INERROR:
        raise TransactionUndone("a statement failed and was not undone by a savepoint")
    if status is not TransactionStatus.INTRANS:
        raise TransactionUndone("a statement ended the transaction, which only the host may do")


def commit(connection: Connection, identity: TransactionIdentity) -> None:
    """Commit, and in the same round trip take back what would outlive the transaction."""
    identity.ending = True
    connection.exec_driver_sql(f"COMMIT; {_CLEAN}")
    connection.info.pop(_USED, None)
    connection.commit()


def controls_transaction(statement: str, context: Any) -> bool:
    """Whether a statement, written by hand, begins or ends a transaction or a savepoint."""
    if _TRANSACTION_CONTROL.match(statement) is None:
        return False
    return not isinstance(getattr(context, "invoked_statement", None), _OF_SQLALCHEMY)


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """Return psycopg's connection under a connection that is in use."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return cast("psycopg.Connection[Any]", driver)


def _identity_of(connection: Connection) -> TransactionIdentity | None:
    identity: TransactionIdentity | None = connection.get_execution_options().get(IDENTITY_OPTION)
    return identity


def _begin(connection: Connection) -> None:
    identity = _identity_of(connection)
    if identity is None:
        driver_of(connection).execute("BEGIN")
        return
    if identity.transaction is not None:
        raise TransactionUndone("this unit of work has had its transaction; it cannot go on")
    connection.info[_USED] = True
    driver_of(connection).execute(f"BEGIN; {identity.statements()}")
    identity.note_applied()


def _end_transaction(
    driver: psycopg.Connection[Any], record: ConnectionPoolEntry, _state: object
) -> None:
    """Undo what is open when a connection goes back to the pool; costs nothing if nothing is."""
    driver.rollback()
    if record.info.pop(_USED, False):
        driver.execute(_CLEAN)


def _check_commit(connection: Connection) -> None:
    identity = _identity_of(connection)
    if identity is not None and not identity.ending:
        raise CommitMisplaced("the host commits, once, when the unit of work ends")


def _check_savepoint(connection: Connection, _name: str | None) -> None:
    """Refuse a savepoint that knows nothing of other plugins' sessions and of events."""
    identity = _identity_of(connection)
    if identity is not None and not identity.nesting:
        raise SavepointMisplaced("use meishi.sdk.database.savepoint, not begin_nested()")


def _forget_identity(connection: Connection, _name: str, _context: None) -> None:
    """Note that going back to a savepoint took role and workspace back with it."""
    identity = _identity_of(connection)
    if identity is not None:
        identity.applied = None


def _hide_values(context: ExceptionContext) -> None:
    """Keep the row that the server quotes out of messages, and so out of logs."""
    error, told = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error) and error.diag.message_detail and told is not None:
        error.args = (error.diag.message_primary,)
        told.args = (f"({type(error).__name__}) {error.diag.message_primary}",)


def _keep_in_step(
    connection: Connection,
    _cursor: DBAPICursor,
    statement: str,
    _parameters: Any,
    context: Any,
    _many: bool,
) -> None:
    """Send the role of the plugin whose code runs, if the server does not have it yet."""
    identity = _identity_of(connection)
    if identity is None or identity.ending:
        return
    identity.check_open()
    if _TRANSACTION_CONTROL.match(statement) is not None:
        if controls_transaction(statement, context):
            raise CommitMisplaced("the host begins and ends the transaction and its savepoints")
        return
    if identity.in_step():
        return
    # On a cursor of its own: that of the statement may be one that the server keeps.
    driver_of(connection).execute(identity.statements())
    identity.note_applied()
