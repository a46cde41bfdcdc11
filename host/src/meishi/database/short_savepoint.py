"""A savepoint around statements that run as they stand: its commands go out with theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from meishi.database.identity import TransactionUndone
from meishi.database.savepoint import Savepoint
from meishi.database.transaction import OpenTransaction


class ShortSavepoint:
    """An open savepoint that costs no round trip, begun while there were no sessions.

    When SQLAlchemy is used inside, there is a `Savepoint` in it, which knows of sessions; the
    innermost one alone has that, as both must end in the order in which they began.
    """

    def __init__(self, opened: OpenTransaction, sessions: Mapping[str, Session]) -> None:
        self._opened = opened
        self._sessions = sessions
        self._name = opened.begin_savepoint()
        self._inner: Savepoint | None = None

    def lengthen(self, savepoint: Callable[[], Savepoint]) -> None:
        """Go on with sessions inside."""
        self._inner = self._inner or savepoint()

    def release(self) -> None:
        """Keep what was done."""
        if self._inner is not None:
            self._inner.release()
        if self._opened.failed:
            raise TransactionUndone("a statement failed in this savepoint; it cannot be kept")
        self._opened.end_savepoint(self._name)

    def undo(self) -> None:
        """Go back to the savepoint; all that sessions hold came in since, and is detached."""
        if self._inner is not None:
            self._inner.undo()
        for session in self._sessions.values():
            session.close()
        self._opened.undo_savepoint(self._name)
