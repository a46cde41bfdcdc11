"""A transaction on a pooled connection of the driver.

Hot paths run their statements on it as they are. SQLAlchemy's connection is laid over the same
transaction as soon as somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from meishi.database.driver import DriverConnection
from meishi.database.engine import IDENTITY_OPTION, USED
from meishi.database.identity import (
    TransactionIdentity,
    TransactionUndone,
    is_misplaced,
    misplaced,
)
from meishi.database.statements import Rows
from meishi.database.wire import send


def opened(engine: Engine, identity: TransactionIdentity, first: str = "") -> OpenTransaction:
    """Return a new transaction; connections that died in the pool are replaced.

    Each that is met is closed and leaves its place, up to the one that is made anew. The pool
    stays: what others have in hand goes back to it, and is not forgotten open.

    :raises OperationalError: if there is no connection to be had
    """
    places: int | None = None
    while True:
        try:
            return OpenTransaction(engine, identity, first)
        except OperationalError as error:
            places = cast("QueuePool", engine.pool).checkedin() if places is None else places - 1
            if not error.connection_invalidated or places < 0:
                raise


class OpenTransaction:
    """One transaction, from BEGIN to its end; it never ends by itself."""

    def __init__(self, engine: Engine, identity: TransactionIdentity, first: str = "") -> None:
        """Take a connection and begin, with role, workspace and `first` in the same round trip.

        `answer` is what the server said to the first statement.

        :raises OperationalError: if there is no connection to be had; `connection_invalidated`
            says that one died in the pool, so that another may well be good
        """
        self._engine = engine
        self._identity = identity
        self._connection: Connection | None = None
        self._ahead: list[str] = []
        self._savepoints = 0
        try:
            self._pooled = engine.raw_connection()
        except psycopg.Error as error:
            raise told(error, gone=False) from error
        self.driver = cast("DriverConnection", self._pooled.driver_connection)
        try:
            self._pooled.info[USED] = True
            parts = ("BEGIN", identity.first_statements(), first)
            self.answer = send(self.driver, "; ".join(filter(None, parts)))
        except psycopg.Error as error:
            gone = self.driver.closed
            if gone:
                self._pooled.invalidate()
            self._pooled.close()
            raise told(error, gone=gone) from error
        identity.note_applied()

    @property
    def is_bare(self) -> bool:
        """Whether nobody has asked for SQLAlchemy's connection yet."""
        return self._connection is None

    @property
    def nests(self) -> bool:
        """Whether SQLAlchemy's connection is there and can begin a savepoint."""
        return not (self.is_bare or self.failed or self.driver.closed)

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection over this transaction."""
        if self._connection is None:
            self._send_ahead()
            over = Connection(self._engine, connection=self._pooled)
            self._connection = over.execution_options(**{IDENTITY_OPTION: self._identity})
            self._identity.transaction = self._connection.begin()
        return self._connection

    def execute(self, statement: str, parameters: Mapping[str, Any] | None) -> Rows:
        """Run a statement and return its rows; role and workspace are in step first.

        Errors are SQLAlchemy's, and carry no values.
        """
        identity = self._identity
        identity.check_open()
        if is_misplaced(statement):
            raise misplaced()
        entering = None if identity.in_step() else identity.wanted
        # Until it has gone well, nobody knows as whom the server would go on.
        identity.applied = None
        try:
            rows = self.driver.statements.run(
                self.driver, statement, parameters, entering, self._ahead
            )
        except psycopg.Error as error:
            raise told(error, gone=self.driver.closed) from error
        identity.note_applied()
        return rows

    def ask(self, statement: str) -> PGresult:
        """Run a statement without values, in one round trip with role and workspace."""
        identity = self._identity
        identity.check_open()
        self._send_ahead()
        try:
            self.answer = send(self.driver, f"{identity.statements()}; {statement}")
        except psycopg.Error as error:
            raise told(error, gone=self.driver.closed) from error
        identity.note_applied()
        return self.answer

    def begin_savepoint(self) -> str:
        """Begin a savepoint before the next statement; return its name."""
        self._savepoints += 1
        name = f"meishi_{self._savepoints}"
        self._ahead.append(_savepoint(name))
        return name

    def end_savepoint(self, name: str) -> None:
        """Keep what was done since, and forget the savepoint, before the next statement."""
        if not self._take_back(name):
            self._ahead.append(f"RELEASE SAVEPOINT {name}")
            if self._connection is not None:
                self._send_ahead()

    def undo_savepoint(self, name: str) -> None:
        """Undo what was done since, and forget the savepoint, now."""
        if not self._take_back(name) and not self.driver.closed:
            self._ahead = [f"ROLLBACK TO SAVEPOINT {name}", f"RELEASE SAVEPOINT {name}"]
            self._identity.applied = None
            self._send_ahead()

    def _take_back(self, name: str) -> bool:
        """Forget a savepoint that the server has not heard of yet, and all that came after it."""
        if _savepoint(name) not in self._ahead:
            return False
        del self._ahead[self._ahead.index(_savepoint(name)) :]
        return True

    def _send_ahead(self) -> None:
        """Send what was to go out with the next statement."""
        ahead, self._ahead = self._ahead, []
        if ahead:
            try:
                send(self.driver, "; ".join(ahead))
            except psycopg.Error as error:
                raise told(error, gone=self.driver.closed) from error

    @property
    def failed(self) -> bool:
        """Whether a statement failed since the last savepoint; a commit would undo all."""
        return self.driver.pgconn.transaction_status == TransactionStatus.INERROR

    def check_kept(self) -> None:
        """Raise `TransactionUndone` unless the server would keep what a commit ends."""
        self._identity.check_open()
        if self.failed:
            raise TransactionUndone("a statement failed and was not undone by a savepoint")
        if self.driver.pgconn.transaction_status != TransactionStatus.INTRANS:
            raise TransactionUndone("a statement ended the transaction, which only the host may do")

    def commit(self, last: str = "") -> None:
        """Run the `last` statements and commit, in one round trip.

        Where a statement fails, those behind it are not run.
        """
        self._identity.ending = True
        try:
            send(self.driver, f"{last}COMMIT")
        except psycopg.Error as error:
            raise told(error, gone=self.driver.closed) from error
        if self._connection is not None:
            self._connection.commit()

    def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        if self._connection is None:
            self._pooled.close()
            return
        if self.driver.closed and not self._connection.invalidated:
            # To undo on it would fail, and hide why it was closed.
            self._connection.invalidate()
        self._connection.close()


def _savepoint(name: str) -> str:
    return f"SAVEPOINT {name}"


def told(error: psycopg.Error, *, gone: bool) -> BaseException:
    """Return the error that SQLAlchemy would raise, without the row that the server quotes."""
    if error.diag.message_detail:
        error.args = (error.diag.message_primary,)
    kind = OperationalError if gone else DBAPIError
    if kind is DBAPIError:
        return DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True)
    return OperationalError(None, None, error, hide_parameters=True, connection_invalidated=True)
