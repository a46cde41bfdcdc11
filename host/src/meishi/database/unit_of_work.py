"""The unit of work: one connection and one transaction, one session per plugin.

The host opens one per request, command or delivery and ends it once, at the edge. Plugins
flush, never commit. While a plugin's code runs, every statement runs under that plugin's role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

import psycopg
import svcs
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from meishi.database.engine import (
    IDENTITY_OPTION,
    TransactionIdentity,
    check_in_transaction,
    commit,
)
from meishi.database.plugin_session import plugin_session
from meishi.database.roles import RoleNames
from meishi.database.savepoint import Savepoint
from meishi.events.log import LogRecord, write_log
from meishi.sdk.contract import EventVetoed


class NoPlugin(RuntimeError):
    """The database was asked for outside of any plugin's code."""


class UnitOfWork:
    """One transaction, begun at the first use of the database, committed or undone as a whole."""

    def __init__(
        self,
        engine: Engine,
        roles: RoleNames,
        services: Callable[[], svcs.Container],
        workspace: UUID | None = None,
    ) -> None:
        self._engine = engine
        self._roles = roles
        self._new_services = services
        self._services: svcs.Container | None = None
        self._identity = TransactionIdentity(workspace=workspace)
        self._connection: Connection | None = None
        self._sessions: dict[str, Session] = {}
        self._plugins: list[str] = []
        self._outbox: list[LogRecord] = []
        self._vetoes: list[EventVetoed] = []

    def sibling(self) -> UnitOfWork:
        """Return a unit of work of its own for the same workspace."""
        return UnitOfWork(self._engine, self._roles, self._new_services, self._identity.workspace)

    @property
    def services(self) -> svcs.Container:
        """The services in use; they live as long as this unit of work."""
        if self._services is None:
            self._services = self._new_services()
        return self._services

    @property
    def plugin(self) -> str:
        """The plugin whose code is running."""
        if not self._plugins:
            raise NoPlugin("no plugin's code is running in this unit of work")
        return self._plugins[-1]

    def bind_workspace(self, workspace: UUID | None) -> None:
        """Go on in another workspace; the server follows with the next statement."""
        self._identity.workspace = workspace

    @contextmanager
    def entered(self, plugin: str) -> Iterator[None]:
        """Run a block as a plugin's code; what its session holds is written at the end."""
        with self._acting_as(plugin):
            yield
            session = self._sessions.get(plugin)
            if session is not None:
                session.flush()

    def session(self) -> Session:
        """Return the running plugin's session."""
        plugin = self.plugin
        session = self._sessions.get(plugin)
        if session is None:
            session = plugin_session(self.connection(), plugin, self._running)
            self._sessions[plugin] = session
        return session

    def connection(self) -> Connection:
        """Return the connection, inside its transaction."""
        if self._connection is None:
            self._connection = self._begin()
        return self._connection

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a block that is undone alone, with the events it published, when it raises."""
        mark, vetoes = len(self._outbox), len(self._vetoes)
        savepoint = Savepoint(self.connection(), self._identity, self._sessions, self._acting_as)
        try:
            yield
            self._raise_veto(since=vetoes)
            savepoint.release()
        except BaseException:
            del self._outbox[mark:], self._vetoes[vetoes:]
            savepoint.undo()
            raise

    def add_to_log(self, records: Sequence[LogRecord]) -> None:
        """Keep events for the log; they are written immediately before the commit."""
        self._outbox.extend(records)

    def note_veto(self, veto: EventVetoed) -> None:
        """Remember that a change was refused: it must be undone, even if the veto is caught."""
        self._vetoes.append(veto)

    def commit(self) -> None:
        """Write what all sessions hold, then the events, and commit.

        Raises `TransactionUndone` if an error that somebody caught has undone the work: the
        server would answer COMMIT with a rollback, and nobody would know.
        """
        self._raise_veto(since=0)
        for plugin, session in list(self._sessions.items()):
            with self._acting_as(plugin):
                session.flush()
        if self._connection is None and not self._outbox:
            return
        connection = self.connection()
        self._identity.check_open()
        check_in_transaction(connection)
        if self._outbox:
            write_log(connection, self._roles, self._outbox)
            self._outbox.clear()
        commit(connection, self._identity)

    def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
        self._outbox.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._services is not None:
            self._services.close()
            self._services = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self.close()

    def _raise_veto(self, *, since: int) -> None:
        if len(self._vetoes) > since:
            raise self._vetoes[-1]

    @contextmanager
    def _acting_as(self, plugin: str) -> Iterator[None]:
        self._plugins.append(plugin)
        self._follow_plugin()
        try:
            yield
        finally:
            self._plugins.pop()
            self._follow_plugin()

    def _follow_plugin(self) -> None:
        plugin = self._running()
        self._identity.role = self._roles.run(plugin) if plugin else None

    def _running(self) -> str | None:
        return self._plugins[-1] if self._plugins else None

    def _begin(self) -> Connection:
        """Take a connection and begin; connections that died in the pool are replaced once."""
        try:
            return self._try_to_begin()
        except OperationalError as error:
            if not error.connection_invalidated:
                raise
            self._engine.dispose()
        return self._try_to_begin()

    def _try_to_begin(self) -> Connection:
        connection = self._engine.connect().execution_options(**{IDENTITY_OPTION: self._identity})
        try:
            self._identity.transaction = connection.begin()
        except psycopg.Error as error:
            driver = connection.connection.driver_connection
            gone = driver is None or bool(driver.closed)
            if gone:
                connection.invalidate()
            connection.close()
            kind = OperationalError if gone else DBAPIError
            raise kind("BEGIN", None, error, connection_invalidated=gone) from error
        return connection
