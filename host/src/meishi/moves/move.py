"""The move of a plugin to its service, or back: the order of things.

Rows are copied while the plugin works. Its handlers and jobs come to rest; it is held everywhere;
nobody can write any more. What is left is brought over and compared, and one commit says where the
plugin is. Whatever fails before, or kills the command, leaves the plugin where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import Connection

from meishi.moves import fence
from meishi.moves.announcing import Announcements, alone
from meishi.moves.checking import require, same_tables
from meishi.moves.copying import contents, copy_all, copy_since, snapshot
from meishi.moves.handlers import (
    HeldHandlers,
    bring_to_rest,
    held_handlers,
    let_go,
    refuse_unfit,
    rest_of,
)
from meishi.moves.refusals import MoveFailed, MoveRefused
from meishi.moves.side import Side
from meishi.moves.tables import MovedTable, copy_sequences
from meishi.moves.waiting_jobs import WaitingJobs, on_their_way, running, waiting_jobs

T = TypeVar("T")

#: Seconds between looks at whether something is at rest.
_LOOK = 0.05

#: Seconds until handlers and jobs must have come to rest.
SETTLE_SECONDS = 120.0

#: Seconds of the pause that are kept for the commit.
_MARGIN = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds until handlers and jobs are at rest, and for which the plugin is held at most."""

    settle: float = SETTLE_SECONDS
    pause: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRows:
    """What was moved of a table."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What was moved, and for how long nobody worked for the plugin, in milliseconds.

    Processes take a moment more to begin anew.
    """

    plugin: str
    url: str | None
    tables: tuple[MovedRows, ...]
    jobs: int
    parked: int
    pause_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What is in hand while nobody works for the plugin: both sides, and what is to go on."""

    source: Connection[Any]
    target: Connection[Any]
    tables: Sequence[MovedTable]
    rest: int
    handlers: HeldHandlers
    jobs: WaitingJobs


class Direction(Protocol):
    """Where a plugin is moved from and to, and what is particular about that."""

    @property
    def plugin(self) -> str:
        """The plugin."""
        ...

    @property
    def url(self) -> str | None:
        """Where its service is; None if it comes back."""
        ...

    @property
    def source(self) -> Side:
        """Where it works before."""
        ...

    @property
    def target(self) -> Side:
        """Where it works after."""
        ...

    def prepare(self, target: Connection[Any], tables: Sequence[MovedTable]) -> None:
        """Raise if the target is in no state to take the plugin."""
        ...

    def still(self) -> AbstractContextManager[None]:
        """Run a block in which no events reach the source but those of its own plugins."""
        ...

    def is_heard(self) -> bool:
        """Whether the other side knows all that the plugin has said; it says nothing more."""
        ...

    def hand_over(self, brought: Brought) -> None:
        """Have the target go on, and say who works for the plugin; both are committed, or none."""
        ...


class Move:
    """One move of a plugin."""

    def __init__(self, main: Side, direction: Direction, limits: Limits) -> None:
        self._main = main
        self._direction = direction
        self._plugin = direction.plugin
        self._limits = limits
        self._resting = False

    def run(self) -> MoveReport:
        """Move the plugin.

        :raises MoveRefused: if it cannot be moved as things are
        :raises MoveFailed: if it had to be given up; it goes on where it was
        """
        with alone(self._main, self._plugin) as announcements, ExitStack() as stack:
            source = stack.enter_context(self._direction.source.connected())
            target = stack.enter_context(self._direction.target.connected())
            try:
                refuse_unfit(source, self._plugin)
                tables = same_tables(source, target, self._plugin)
                self._direction.prepare(target, tables)
                source.rollback()
                oldest = self._copied(source, target, tables)
                with self._direction.still():
                    rest = self._settled(announcements, source)
                    return self._brought(announcements, source, target, tables, oldest, rest)
            except BaseException as error:
                self._give_up(announcements)
                if isinstance(error, psycopg.Error):
                    raise _failed(error) from error
                raise

    def _copied(
        self, source: Connection[Any], target: Connection[Any], tables: Sequence[MovedTable]
    ) -> int:
        """Copy all tables as they are now; return the oldest transaction that was not over."""
        _without_triggers(target)
        fence.empty(target, tables)
        oldest = snapshot(source)
        for table in tables:
            copy_all(source, target, table)
        source.rollback()
        return oldest

    def _settled(self, announcements: Announcements, source: Connection[Any]) -> int:
        """Have handlers and jobs come to rest, while the plugin answers still; return the tick."""
        announcements.settle()
        self._resting = True
        bring_to_rest(source, self._plugin)
        source.commit()

        def at_rest() -> int | None:
            announcements.settle()
            found = rest_of(source, self._plugin)
            busy = running(source, self._plugin)
            source.rollback()
            return None if busy else found

        return _until(
            at_rest,
            self._limits.settle,
            f"Handlers and jobs of {self._plugin} have not come to rest.",
        )

    def _brought(
        self,
        announcements: Announcements,
        source: Connection[Any],
        target: Connection[Any],
        tables: Sequence[MovedTable],
        oldest: int,
        rest: int,
    ) -> MoveReport:
        begun = time.monotonic()
        left = self._limits.pause
        announcements.hold(left)
        fence.lock(source, self._plugin, tables, seconds=left - (time.monotonic() - begun))

        def is_quiet() -> bool | None:
            asked = on_their_way(source, self._plugin) or running(source, self._plugin)
            return None if asked or not self._direction.is_heard() else True

        _until(
            is_quiet,
            left - (time.monotonic() - begun) - _MARGIN,
            f"What {self._plugin} has begun was not over within the pause.",
        )
        require(rest_of(source, self._plugin) == rest, f"The handlers of {self._plugin} went on.")
        require(
            same_tables(source, target, self._plugin) == list(tables),
            f"Tables of {self._plugin} were upgraded meanwhile.",
        )
        for table in tables:
            copy_since(source, target, table, oldest)
        copy_sequences(source, target, self._plugin)
        brought = Brought(
            source=source,
            target=target,
            tables=tables,
            rest=rest,
            handlers=held_handlers(source, self._plugin),
            jobs=waiting_jobs(source, self._plugin),
        )
        require(not running(source, self._plugin), f"A job of {self._plugin} was begun meanwhile.")
        rows = tuple(_compared(source, target, table) for table in tables)
        require(
            time.monotonic() - begun < left - _MARGIN,
            f"Moving {self._plugin} takes longer than it may be paused.",
        )
        _with_triggers(target)
        fence.limit(target, left - (time.monotonic() - begun))
        self._direction.hand_over(brought)
        return MoveReport(
            plugin=self._plugin,
            url=self._direction.url,
            tables=rows,
            jobs=len(brought.jobs.jobs),
            parked=len(brought.handlers.parked),
            pause_ms=round((time.monotonic() - begun) * 1000),
        )

    def _give_up(self, announcements: Announcements) -> None:
        """Have the plugin go on where it was; what cannot be said ends by itself."""
        with suppress(psycopg.Error):
            announcements.withdraw()
        if not self._resting:
            return
        source = self._direction.source
        with suppress(psycopg.Error, MoveRefused), source.connected() as connection:
            let_go(connection, self._plugin)
            connection.commit()


def _until(look: Callable[[], T | None], seconds: float, otherwise: str) -> T:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise MoveFailed(otherwise, hint="The plugin goes on where it was; try again later.")
        time.sleep(_LOOK)
    return found


def _without_triggers(target: Connection[Any]) -> None:
    try:
        target.execute("SET LOCAL session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege as error:
        raise MoveRefused(
            "The administrator may not load rows as they are.",
            hint="GRANT SET ON PARAMETER session_replication_role, or use a superuser.",
        ) from error


def _with_triggers(target: Connection[Any]) -> None:
    """Have what is deleted from the host's tables take along what belongs to it, as always."""
    target.execute("SET LOCAL session_replication_role = origin")


def _compared(source: Connection[Any], target: Connection[Any], table: MovedTable) -> MovedRows:
    one, two = contents(source, table), contents(target, table)
    require(one == two, f"{table.name} came over with {two.rows} of {one.rows} rows, or others.")
    return MovedRows(table=table.name, rows=one.rows)


def _failed(error: psycopg.Error) -> MoveFailed:
    reason = " ".join(str(error).split()) or type(error).__name__
    return MoveFailed(
        f"The move was given up: {reason}", hint="The plugin goes on where it was; try again."
    )
