"""Cursors: places in the log at which subscriptions stand, and how positions are appended."""

from __future__ import annotations

from dataclasses import dataclass, field

from meishi.events.latency import Latency
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position, Snapshot
from meishi.events.spans import StoredEvent

#: What `meishi_events.advance` raises when somebody else has the lease.
LOST = "MSF01"


class LeaseLost(Exception):
    """Somebody else has the cursor now; nothing may be done on its account."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was noted before handlers were called: up to where, how many, how often, and by whom."""

    pos: int
    size: int
    count: int
    by: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What had been delivered before a cursor was moved back: events that come once more.

    Those up to `pos` that were shown, but for those that were `left` undelivered.
    """

    pos: int
    shown: Snapshot | None
    left: frozenset[int]

    def covers(self, event: StoredEvent) -> bool:
        """Whether an event comes once more."""
        if event.pos > self.pos or event.pos in self.left:
            return False
        return self.shown is None or self.shown.shows(event.xid)


@dataclass(slots=True)
class Gap:
    """A workspace whose events a cursor passes over, and from where they are to be made up for."""

    workspace: str
    draining: bool
    position: Position


@dataclass(slots=True, kw_only=True)
class Cursor:
    """A leased cursor, as the process that has it knows it.

    `held` are the threads (workspace and key) of which something is parked: all of them, and
    perhaps some that an operator has let go meanwhile. `unread` are the workspaces that
    are still to be backfilled.
    """

    subscription: str
    slot: int
    slots: int
    fence: int
    seq: int
    position: Position
    attempt: Attempt | None
    replay: Replay
    barrier: int | None
    backfilling: bool
    paused: bool
    delivered: int
    latency: Latency
    held: set[tuple[str | None, str]] = field(default_factory=set)
    gaps: dict[str, Gap] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    stored: Position = field(init=False)
    pruned: int = 0

    def __post_init__(self) -> None:
        self.stored = self.position

    @property
    def place(self) -> tuple[str, int]:
        """What is leased."""
        return self.subscription, self.slot

    @property
    def at_barrier(self) -> bool:
        """Whether it has come to where all cursors of its subscription wait for each other."""
        return self.barrier is not None and self.position == Position.at(self.barrier)

    @property
    def label(self) -> str:
        """How the cursor is called in notes and logs."""
        return f"{self.subscription}/{self.slot}"

    def values(self) -> dict[str, object]:
        """Return the values that statements about this cursor take."""
        return {"subscription": self.subscription, "slot": self.slot, "fence": self.fence}


def advance_statement(
    cursor: Cursor,
    position: Position,
    attempt: Attempt | None,
    delivered: int = 0,
    latency: Latency | None = None,
) -> str:
    """Return the statement that appends a position, or raises `LOST`; all values are our own.

    `delivered` is how many events are delivered with it, `latency` the counts that include them.
    """
    noted = "NULL, 0, 0, NULL"
    if attempt is not None:
        noted = f"{attempt.pos}, {attempt.size}, {attempt.count}, {_literal(attempt.by)}"
    times = latency or cursor.latency
    counts = ",".join(str(count) for count in times.counts)
    return (
        f"SELECT {DB_SCHEMA}.advance({_literal(cursor.subscription)}, {cursor.slot}::smallint, "
        f"{cursor.fence}, {cursor.seq + 1}, {position.tick}, {position.upto}, {position.pos}, "
        f"{noted}, {cursor.delivered + delivered}, '{{{counts}}}', {times.total_seconds!r})"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
