"""Reading the log: the events between two ticks, read once for all that listen in a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from meishi.context import Scope
from meishi.envelope import Envelope
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position, Tick, tick_ahead, tick_of

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: The most events of one read, and about how many positions a span covers.
MOST = 2_000

#: The most positions of one read: it is quick whatever the planner knows of the log.
WINDOW = 5_000

#: Spans that a process remembers for cursors that come after, and the most characters of payload
#: in them: the memory is that of the handlers, too.
_REMEMBERED, MOST_CHARACTERS = 32, 64 * 1024**2

COLUMNS = (
    "pos, id::text, source, type, version, workspace_id::text, subject, key, slot, time, "
    "trace::text, data::text, xid::text::bigint AS xid, "
    "trace->>'correlation' AS chain"
)

#: A plan for any positions would lock every partition, and wait for whoever works on one of them.
_PLANNED = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"

#: Whose events are read: of some types, and of one workspace if one is named.
_WANTED = """
    type = ANY (%(types)s)
    AND (%(workspace)s::uuid IS NULL OR workspace_id = %(workspace)s::uuid)
"""

#: Transactions that began after the first tick, and were over at the second.
_BEGUN = f"""
    SELECT {COLUMNS} FROM meishi_events.event
    WHERE pos > %(start)s AND pos <= %(high)s AND {_WANTED}
    AND xid >= %(first)s::text::xid8 AND xid < %(end)s::text::xid8
    AND pg_visible_in_snapshot(xid, %(snapshot)s::text::pg_snapshot)
    ORDER BY pos LIMIT %(limit)s
"""  # noqa: S608 (constants)

#: The same, and those that ran at the first tick, wherever they stand.
_ENDED_AND_BEGUN = f"""
    WITH ended AS MATERIALIZED (
        SELECT {COLUMNS} FROM meishi_events.event
        WHERE pos > %(low)s AND pos <= %(high)s AND {_WANTED}
        AND xid = ANY (%(ended)s::text[]::xid8[])
    ), begun AS ({_BEGUN})
    SELECT * FROM ended UNION ALL SELECT * FROM begun ORDER BY pos LIMIT %(limit)s
"""  # noqa: S608 (constants)

#: From the last tick of an epoch to the first of the next, which shows all up to its position.
_CROSSING = f"""
    SELECT {COLUMNS} FROM meishi_events.event
    WHERE pos > %(low)s AND pos <= %(high)s AND {_WANTED}
    AND (pos > %(known)s OR NOT pg_visible_in_snapshot(xid, %(snapshot)s::text::pg_snapshot))
    ORDER BY pos LIMIT %(limit)s
"""  # noqa: S608 (constants)


class StoredEvent(msgspec.Struct, frozen=True, dict=True):
    """One event as the log holds it; ids are texts, which are compared millions of times."""

    pos: int
    id_text: str
    source: str
    type: str
    version: int
    workspace: str | None
    subject: str
    key: str
    slot: int
    time: datetime
    trace_text: str
    data: str
    xid: int
    chain: str

    @property
    def id(self) -> UUID:
        """The event's own id."""
        return UUID(self.id_text)

    @property
    def workspace_id(self) -> UUID | None:
        """The workspace in which it happened, None for a fact of the deployment."""
        return None if self.workspace is None else _workspace_id(self.workspace)

    @cached_property
    def trace(self) -> Mapping[str, Any]:
        """Who caused it, and in which chain of causes: `actor`, `correlation`, `causation`."""
        found: Mapping[str, Any] = msgspec.json.decode(self.trace_text)
        return found

    @property
    def correlation(self) -> UUID:
        """The same for all that one request or command led to; `chain` is its text."""
        return UUID(self.chain)

    def envelope(self) -> Envelope:
        """Return what a handler may ask of the event besides its payload."""
        trace = msgspec.convert(self.trace, type=dict[str, UUID | None])
        return Envelope(
            id=self.id,
            source=self.source,
            type=self.type,
            subject=self.subject,
            time=self.time,
            workspace=self.workspace_id,
            actor=trace["actor"],
            correlation=self.correlation,
            causation=trace["causation"],
        )

    @property
    def thread(self) -> tuple[str | None, str]:
        """What its order is kept in: events of one key in one workspace."""
        return self.workspace, self.key


@lru_cache(maxsize=1024)
def _workspace_id(text: str) -> UUID:
    return UUID(text)


@dataclass(frozen=True, slots=True)
class Span:
    """Events behind a position, in order, and where one is when they are done.

    `first` and `last` are the ticks between which it lies.
    """

    first: int
    last: int
    events: tuple[StoredEvent, ...]
    end: Position

    @property
    def characters(self) -> int:
        """How much its payloads take."""
        return sum(len(event.data) for event in self.events)

    def within(self, pos: int) -> Position:
        """Return where one is when its events up to `pos` are done."""
        return self.end if pos == self.end.pos else Position(self.first, self.last, pos)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are read: of these types, of one workspace or of all, at most so many."""

    types: Sequence[str]
    workspace: UUID | None = None
    most: int | None = None


class SpanReader:
    """Reads what lies behind positions; equal positions are read once."""

    def __init__(
        self, scope: Callable[[str], AbstractContextManager[Scope]], types: frozenset[str]
    ) -> None:
        self._scope = scope
        self._types = sorted(types)
        self._lock = threading.Lock()
        self._spans: OrderedDict[Position, Future[Span | None]] = OrderedDict()
        self._characters: dict[Position, int] = {}

    def read(self, position: Position, newest: int, until: int | None = None) -> Span | None:
        """Return the events behind a position; None where the tick `newest` is reached.

        With `until`, none behind that tick.
        """
        if position.closed and position.tick >= (newest if until is None else until):
            return None
        if until is not None:
            return self._fresh(position, until)
        with self._lock:
            known = self._spans.get(position)
            if known is None:
                mine = self._spans[position] = Future()
                while len(self._spans) > _REMEMBERED:
                    self._spans.popitem(last=False)
        if known is not None:
            return known.result()
        try:
            span = self._fresh(position)
        except BaseException as error:
            self.forget()
            mine.set_exception(error)
            raise
        if span is None:
            self._drop(position)
        mine.set_result(span)
        if span is not None:
            self._remember(position, span.characters)
        return span

    def _remember(self, position: Position, characters: int) -> None:
        """Note how much a span takes; forget the oldest ones where all together take too much."""
        with self._lock:
            if position in self._spans:
                self._characters[position] = characters
            for old in [item for item in self._characters if item not in self._spans]:
                del self._characters[old]
            while sum(self._characters.values()) > MOST_CHARACTERS:
                oldest = next(item for item in self._spans if item in self._characters)
                del self._spans[oldest], self._characters[oldest]

    def _drop(self, position: Position) -> None:
        """Remember nothing of a position behind which there was no tick yet."""
        with self._lock:
            self._spans.pop(position, None)

    def forget(self) -> None:
        """Drop what is remembered: ticks that were not on disk are gone with a crash."""
        with self._lock:
            self._spans.clear()

    def _fresh(self, position: Position, until: int | None = None) -> Span | None:
        with self._scope(DB_SCHEMA) as scope:
            return _read(scope.work, position, self._types, until)


def _read(work: UnitOfWork, position: Position, types: list[str], until: int | None) -> Span | None:
    first = tick_of(work, position.tick)
    if position.closed:
        last = tick_ahead(work, first, MOST)
        if last is not None and until is not None and last.id > until:
            last = tick_of(work, until)
    else:
        last = tick_of(work, position.upto)
    if last is None or last.id <= first.id:
        return None
    return span_between(work, first, last, position.pos, Wanted(types))


def span_between(work: UnitOfWork, first: Tick, last: Tick, pos: int, wanted: Wanted) -> Span:
    """Return the next events between two ticks, behind a position."""
    work.execute(_PLANNED)
    most = wanted.most or MOST
    query, values = _query(first, last, pos)
    values |= {"types": wanted.types, "workspace": wanted.workspace, "limit": most}
    events = tuple(StoredEvent(*row) for row in work.execute(query, values))
    end = Position.at(last.id)
    if len(events) >= most:
        end = Position(first.id, last.id, events[-1].pos)
    elif values["high"] < last.last_pos:
        end = Position(first.id, last.id, values["high"])
    return Span(first.id, last.id, events, end)


def _query(first: Tick, last: Tick, pos: int) -> tuple[str, dict[str, Any]]:
    """Return what reads the next events of a span behind a position of it."""
    crossing = first.epoch != last.epoch
    start = max(pos, first.low_pos if crossing else first.before_pos)
    values: dict[str, Any] = {
        "low": max(pos, first.low_pos),
        "start": start,
        "high": min(last.last_pos, start + WINDOW),
    }
    if crossing:
        return _CROSSING, values | {"known": first.last_pos, "snapshot": first.snapshot.text}
    values |= {
        "first": str(first.snapshot.xmax),
        "end": str(last.snapshot.xmax),
        "snapshot": last.snapshot.text,
    }
    ended = [str(xid) for xid in first.snapshot.running if last.snapshot.shows(xid)]
    return (_ENDED_AND_BEGUN, values | {"ended": ended}) if ended else (_BEGUN, values)
