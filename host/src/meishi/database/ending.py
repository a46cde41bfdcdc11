"""What a unit of work does at its end: the last statements and the events, or why it must not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from meishi.database.last_statements import LastStatements
from meishi.database.roles import RoleNames
from meishi.events.log import LogRecord, log_statement
from meishi.sdk.contract import EventVetoed


class Mark(NamedTuple):
    """How much there was of each when a savepoint began."""

    records: int
    vetoes: int
    last: int


class Ending:
    """Statements and events that wait for the commit, and the vetoes against it.

    `last` are statements of plugins; what the event log writes comes behind them.
    """

    def __init__(self) -> None:
        self.last = LastStatements()
        self._records: list[LogRecord] = []
        self._at_commit: list[str] = []
        self._vetoes: list[EventVetoed] = []

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._records or self._at_commit or self.last)

    @property
    def publishes(self) -> bool:
        """Whether there are events among it."""
        return bool(self._records)

    def add_to_log(self, records: Sequence[LogRecord]) -> None:
        """Keep events for the log; they are written immediately before the commit."""
        self._records.extend(records)

    def at_commit(self, statement: str) -> None:
        """Run a statement of the event log's own before the events, whatever block is undone."""
        self._at_commit.append(statement)

    def note_veto(self, veto: EventVetoed) -> None:
        """Remember that a change was refused: it must be undone, even if the veto is caught."""
        self._vetoes.append(veto)

    def mark(self) -> Mark:
        """Return where a block begins that may be undone alone."""
        return Mark(len(self._records), len(self._vetoes), len(self.last))

    def undo(self, mark: Mark) -> None:
        """Forget what came after a mark, but for statements that are lasting."""
        del self._records[mark.records :], self._vetoes[mark.vetoes :]
        self.last.undo(mark.last)

    def check_vetoes(self, *, since: int = 0) -> None:
        """Raise the latest veto, unless there were no more than so many."""
        if len(self._vetoes) > since:
            raise self._vetoes[-1]

    def text(self, driver: psycopg.Connection[Any], roles: RoleNames) -> str:
        """Return all statements as one text, which goes out with COMMIT."""
        return self.last.text() + log_statement(driver, roles, self._records, self._at_commit)

    def clear(self) -> None:
        """Forget what waits."""
        for waiting in (self._records, self._at_commit, self.last):
            waiting.clear()
