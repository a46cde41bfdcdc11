"""A savepoint under all sessions of a unit of work, so that each forgets what is undone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import inspect
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached

from meishi.database.identity import TransactionIdentity, TransactionUndone
from meishi.database.transaction import OpenTransaction


class Savepoint:
    """An open savepoint: one in the database, whatever the number of sessions.

    `sessions` is the live table of the unit of work's sessions, one per plugin; `acting_as`
    runs a block under a plugin's role, which writing out its pending objects needs.
    """

    def __init__(
        self,
        opened: OpenTransaction,
        identity: TransactionIdentity,
        sessions: dict[str, Session],
        acting_as: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        self._opened = opened
        self._identity = identity
        self._sessions = sessions
        self._acting_as = acting_as
        self._write_out()
        connection = opened.connection
        self._known = {plugin: list(session) for plugin, session in sessions.items()}
        self._outer = identity.transaction
        identity.nesting = True
        try:
            self._transaction = connection.begin_nested()
        finally:
            identity.nesting = False
        identity.transaction = self._transaction

    def release(self) -> None:
        """Keep what was done: write it out and end the savepoint."""
        self._write_out()
        self._identity.check_open()
        if self._opened.failed:
            raise TransactionUndone("a statement failed in this savepoint; it cannot be kept")
        self._transaction.commit()
        self._identity.transaction = self._outer

    def undo(self) -> None:
        """Go back to the savepoint.

        Objects that sessions held before are read anew when next used; those that came in
        since are detached.
        """
        for session in self._sessions.values():
            session.close()
        self._identity.transaction = self._outer
        if self._transaction.is_active:
            self._transaction.rollback()
        for plugin, instances in self._known.items():
            _hold_again(self._sessions[plugin], instances)

    def _write_out(self) -> None:
        """Flush all sessions and let each begin anew, inside the savepoint that is innermost."""
        for plugin, session in list(self._sessions.items()):
            with self._acting_as(plugin):
                session.commit()


def _hold_again(session: Session, instances: list[object]) -> None:
    for instance in instances:
        if inspect(instance, raiseerr=True).was_deleted:
            make_transient(instance)
            make_transient_to_detached(instance)
        session.add(instance)
        session.expire(instance)
