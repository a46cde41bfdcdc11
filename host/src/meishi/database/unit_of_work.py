"""The unit of work: one connection and one transaction, one session per plugin.

The host opens one per request, command or delivery and ends it once, at the edge. Plugins
flush, never commit. While a plugin's code runs, every statement runs under that plugin's role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import svcs
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from meishi.database.blocks import Entered, WholeTransaction
from meishi.database.ending import Ending
from meishi.database.identity import TransactionIdentity, TransactionUndone
from meishi.database.plugin_session import plugin_session
from meishi.database.readers import Readers
from meishi.database.resolution import Resolved, resolution, resolved
from meishi.database.roles import RoleNames
from meishi.database.savepoint import Savepoint
from meishi.database.short_savepoint import ShortSavepoint
from meishi.database.statements import Rows
from meishi.database.transaction import OpenTransaction, opened


class NoPlugin(RuntimeError):
    """The database was asked for outside of any plugin's code."""


class UnitOfWork:
    """One transaction, begun at the first use of the database, committed or undone as a whole.

    `identity` is what the transaction acts as, `plugins` whose code runs, the innermost last,
    `sessions` those of each plugin so far, `ending` what is written with the commit. `wake` is
    called after a commit that wrote events, `entering` before a plugin's code runs: it raises if
    it must not. `overseers` holds the permission of each plugin that keeps rows from members.
    """

    def __init__(
        self,
        engine: Engine,
        roles: RoleNames,
        services: Callable[[], svcs.Container],
        workspace: UUID | None = None,
        *,
        wake: Callable[[], None],
        entering: Callable[[str], None],
        overseers: Mapping[str, str],
    ) -> None:
        self._engine = engine
        self.roles = roles
        self._new_services = services
        self._wake = wake
        self._entering = entering
        self.readers = Readers(overseers)
        self._services: svcs.Container | None = None
        self.identity = TransactionIdentity(workspace=workspace)
        self._transaction: OpenTransaction | None = None
        self.sessions: dict[str, Session] = {}
        self.plugins: list[str] = []
        self._next_role: str | None = None
        self.ending = Ending()
        self._short: list[ShortSavepoint] = []
        self._ended = False

    def sibling(self) -> UnitOfWork:
        """Return a unit of work of its own for the same workspace."""
        return UnitOfWork(
            self._engine,
            self.roles,
            self._new_services,
            self.identity.workspace,
            wake=self._wake,
            entering=self._entering,
            overseers=self.readers.overseers,
        )

    @property
    def services(self) -> svcs.Container:
        """The services in use; they live as long as this unit of work."""
        if self._services is None:
            self._services = self._new_services()
        return self._services

    @property
    def plugin(self) -> str:
        """The plugin whose code is running."""
        if not self.plugins:
            raise NoPlugin("no plugin's code is running in this unit of work")
        return self.plugins[-1]

    @property
    def running(self) -> str | None:
        """The plugin whose code is running, if any."""
        return self.plugins[-1] if self.plugins else None

    def bind_workspace(self, workspace: UUID | None) -> None:
        """Go on in another workspace; the server follows with the next statement."""
        self.identity.workspace = workspace

    def move_to(self, workspace: UUID | None) -> None:
        """Go on in another workspace, with nothing in the sessions that belongs to the last one."""
        self._flush_all()
        for session in self.sessions.values():
            session.expunge_all()
        self.bind_workspace(workspace)

    def entered(self, plugin: str) -> AbstractContextManager[None]:
        """Run a block as a plugin's code; what its session holds is written at the end."""
        self._entering(plugin)
        return Entered(self, plugin, flush=True)

    def session(self) -> Session:
        """Return the running plugin's session."""
        plugin = self.plugin
        session = self.sessions.get(plugin)
        if session is None:
            session = plugin_session(self.connection(), plugin, lambda: self.running)
            self.sessions[plugin] = session
        return session

    def connection(self) -> Connection:
        """Return the connection, inside its transaction and the savepoints that are open."""
        connection = self._opened().connection
        if self._short:
            self._short[-1].lengthen(self._savepoint)
        return connection

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Run a statement as it stands, and return its rows: the short way of hot paths."""
        return self._opened().execute(statement, parameters)

    def expect(self, plugin: str) -> None:
        """Say whose code goes on once `resolve` has found the workspace."""
        self._next_role = self.roles.run(plugin)

    def resolve(self, function: str, key: Sequence[object]) -> Resolved | None:
        """Ask a plugin's function who a key belongs to; None if it is nobody's.

        The transaction goes on in the workspace that it tells, under the role of the plugin
        that is expected next: with BEGIN, all of that is one round trip.
        """
        if any(isinstance(part, str) and "\0" in part for part in key):
            return None  # nothing that is stored has this character
        statement = resolution(function, key, self._next_role)
        begun = self._transaction is not None
        opened = self._opened(statement)
        answer = opened.ask(statement) if begun else opened.answer
        self.identity.applied = None
        found = resolved(answer)
        role = self.identity.role if found is None else self._next_role or self.identity.role
        workspace = found.workspace_id if found else self.identity.workspace
        self.identity.applied = (role, workspace, self.identity.reader)
        return found

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a block that is undone alone, with the events it published, when it raises.

        Before anything else was done, that is the whole transaction: no savepoint is needed.
        """
        mark = self.ending.mark()
        block = self._block()
        try:
            yield
            self.ending.check_vetoes(since=mark.vetoes)
            block.release()
        except BaseException:
            self.ending.undo(mark)
            block.undo()
            raise
        finally:
            self._end_block(block)

    def _block(self) -> WholeTransaction | Savepoint | ShortSavepoint:
        if self._transaction is None:
            return WholeTransaction(self)
        if not self._transaction.is_bare or self._transaction.failed:
            return self._savepoint()
        self._short.append(ShortSavepoint(self._transaction, self.sessions))
        return self._short[-1]

    def _end_block(self, block: object) -> None:
        """Give the short savepoint around one that ended what SQLAlchemy needs."""
        if self._short[-1:] == [block]:
            self._short.pop()
            if self._short and self._transaction and self._transaction.nests:
                self._short[-1].lengthen(self._savepoint)

    def _savepoint(self) -> Savepoint:
        return Savepoint(self._opened(), self.identity, self.sessions, self._acting_as)

    def keep(self) -> None:
        """Write what all sessions hold; raise `TransactionUndone` if an error has undone it."""
        self._flush_all()
        if self._transaction is not None:
            self._transaction.check_kept()

    def start_over(self) -> None:
        """Undo all, such that the next use of the database begins anew."""
        self._end_transaction()
        self.identity.forget()

    def write_last(self, statement: str, *, lasting: bool = False) -> None:
        """Run a statement of the running plugin with the commit; `lasting`: past savepoints."""
        self.ending.last.add(f"{self.identity.statements()}; {statement}", lasting=lasting)

    def commit(self) -> None:
        """Write what all sessions hold, then the events, and commit.

        Raises `TransactionUndone` if an error that somebody caught has undone the work: the
        server would answer COMMIT with a rollback, and nobody would know.
        """
        self.ending.check_vetoes()
        self._flush_all()
        if self._transaction is None and not self.ending:
            return
        transaction = self._opened()
        transaction.check_kept()
        last, wrote = self.ending.text(transaction.driver, self.roles), self.ending.publishes
        self.ending.clear()
        transaction.commit(last)
        if wrote:
            self._wake()

    def close(self) -> None:
        """Undo what was not committed, and give the connection back; nothing begins after."""
        self._ended = True
        self.ending.clear()
        self._end_transaction()
        if self._services is not None:
            self._services.close()
            self._services = None

    def _flush_all(self) -> None:
        for plugin, session in list(self.sessions.items()):
            with self._acting_as(plugin):
                session.flush()

    def _end_transaction(self) -> None:
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()
        if self._transaction is not None:
            self._transaction.close()
            self._transaction = None

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

    def _acting_as(self, plugin: str) -> AbstractContextManager[None]:
        return Entered(self, plugin, flush=False)

    def _opened(self, first: str = "") -> OpenTransaction:
        """Return the transaction, begun at its first use, with its first statement if told."""
        if self._ended:
            raise TransactionUndone("this unit of work has ended; it cannot go on")
        if self._transaction is None:
            self._transaction = opened(self._engine, self.identity, first)
        return self._transaction
