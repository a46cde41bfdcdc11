"""The engine: transactions that carry a role and a workspace from their first statement on.

The driver's own transactions are off; BEGIN is sent by us, in one round trip with the role
and the workspace. Both are `SET LOCAL`, so they end with the transaction and can never reach
the next user of a pooled connection.
"""

from __future__ import annotations

from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.elements import (
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)

from meishi.database.driver import DriverConnection
from meishi.database.identity import (
    CommitMisplaced,
    SavepointMisplaced,
    TransactionIdentity,
    TransactionUndone,
    begins_or_ends,
    is_misplaced,
    misplaced,
)
from meishi.database.wire import post, send, settle

IDENTITY_OPTION = "meishi_identity"

#: Limits of every runtime connection: a forgotten lock or query becomes an error, not a stop.
RUNTIME_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
}

#: Times that the server writes as text are in UTC. A statement has one processor: to begin others
#: takes longer than most statements, and other requests wait for these.
_RUNTIME_OPTIONS = {
    **RUNTIME_LIMITS,
    "timezone": "UTC",
    "max_parallel_workers_per_gather": "0",
}

#: Takes back what outlives a transaction; prepared statements stay, they hold no values.
CLEAN = (
    "RESET ROLE; CLOSE ALL; UNLISTEN *; DISCARD TEMP; RESET ALL; SELECT pg_advisory_unlock_all()"
)

#: Key in a pooled connection's `info` while statements of plugins may have left something.
USED = "meishi_used"

_OF_SQLALCHEMY = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)


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
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "reset", _end_transaction)
    event.listen(engine, "checkout", _make_ready)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _check_commit)
    event.listen(engine, "savepoint", _check_savepoint)
    event.listen(engine, "rollback_savepoint", _forget_identity)
    event.listen(engine, "before_cursor_execute", _keep_in_step)
    event.listen(engine, "handle_error", _hide_values)
    return engine


def _connect(
    _dialect: Dialect, _record: ConnectionPoolEntry, args: tuple[Any, ...], options: dict[str, Any]
) -> DriverConnection:
    return DriverConnection.connect(*args, **options)


def driver_url(url: str) -> str:
    """Name the driver in a libpq-style URL, the form in which operators write it."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def controls_transaction(statement: str, context: Any) -> bool:
    """Whether a statement, written by hand, begins or ends a transaction or a savepoint."""
    return begins_or_ends(statement) and not _is_of_sqlalchemy(context)


def _is_of_sqlalchemy(context: Any) -> bool:
    return isinstance(getattr(context, "invoked_statement", None), _OF_SQLALCHEMY)


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """Return psycopg's connection under a connection that is in use."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return cast("psycopg.Connection[Any]", driver)


def _identity_of(connection: Connection) -> TransactionIdentity | None:
    identity: TransactionIdentity | None = connection.get_execution_options().get(IDENTITY_OPTION)
    return identity


def _begin(connection: Connection) -> None:
    """Begin; a unit of work has sent that already, with its role and workspace."""
    identity = _identity_of(connection)
    if identity is None:
        driver_of(connection).execute("BEGIN")
    elif identity.transaction is not None:
        raise TransactionUndone("this unit of work has had its transaction; it cannot go on")


def _end_transaction(
    driver: psycopg.Connection[Any], record: ConnectionPoolEntry, _state: object
) -> None:
    """Undo what is open when a connection goes back to the pool, and have it cleaned.

    The server cleans while we go on; who takes the connection next looks whether that went
    well. One that has died meanwhile does not go back.
    """
    try:
        if driver.pgconn.transaction_status != TransactionStatus.IDLE:
            driver.rollback()
        if record.info.pop(USED, False):
            post(driver, CLEAN)
    except psycopg.Error as error:
        record.invalidate(error)


def _make_ready(
    driver: psycopg.Connection[Any], _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Lend a connection that was cleaned after its last use, or another one."""
    try:
        settle(driver)
    except psycopg.Error as error:
        raise DisconnectionError("the connection could not be cleaned") from error


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
    if is_misplaced(statement):
        if not _is_of_sqlalchemy(context):
            raise misplaced()
    elif not identity.in_step():
        # Not on the cursor of the statement: that may be one that the server keeps.
        send(driver_of(connection), identity.statements())
        identity.note_applied()
