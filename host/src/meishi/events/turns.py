"""Turns: what is done for one cursor at a time, until it has nothing left to do."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from itertools import takewhile
from uuid import UUID

from meishi.events.backfill import Backfilling
from meishi.events.backoff import Backoff
from meishi.events.blame import Predecessor, suspicion
from meishi.events.cursor import Attempt, Cursor, advance_statement
from meishi.events.delivery import (
    Batch,
    CallWatch,
    Delivery,
    DeliveryFailed,
    Unavailable,
    translated,
)
from meishi.events.environment import Environment
from meishi.events.lanes import Lane
from meishi.events.leases import CursorLeases
from meishi.events.log import DB_SCHEMA
from meishi.events.notices import Notices
from meishi.events.parking import hold_lease, park_failed, report
from meishi.events.positions import Position
from meishi.events.retrying import Retrying
from meishi.events.spans import SpanReader, StoredEvent
from meishi.events.subscriptions import Subscriber
from meishi.events.turn import Turn
from meishi.events.withholding import Withholding

#: Seconds of a transaction below which the next one gets more events, and above which fewer.
QUICK, SLOW = 0.1, 0.4

#: Seconds between two looks whether a plugin is on where its past is still to be read.
LOOK = 1.0

#: How often in a row a connection may break under a call before the call is to blame.
_BREAKS = 3


class Turns:
    """Takes turns for the cursors that one process has leased.

    `elapsed` is a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        host: Environment,
        worker: UUID,
        watch: CallWatch,
        subscribers: dict[str, Subscriber],
        *,
        elapsed: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._host = host
        self._worker = worker
        self._elapsed = elapsed
        self._subscribers = subscribers
        self._leases = CursorLeases(host.within, worker)
        self._blamed: set[Predecessor] = set()
        self._breaks: Counter[str] = Counter()
        self._notices = Notices(host.settings.log_level)
        self.reader = SpanReader(
            host.within, frozenset().union(*(item.types for item in subscribers.values()))
        )
        self._deliveries = {name: Delivery(host, item, watch) for name, item in subscribers.items()}
        self._backoffs = {
            name: Backoff(item.declared.retry, chance) for name, item in subscribers.items()
        }
        # Suspects are called one at a time: the guilty one shall not take others along.
        self._alone = threading.Lock()
        self._withholding = Withholding(host)
        self._retrying = Retrying(
            host,
            self._deliveries,
            self._backoffs,
            self._notices,
            self._alone,
            self._withholding.deliverable,
        )
        self._backfilling = Backfilling(host, watch, self._backoffs, self._notices)

    def begin(self, cursor: Cursor, predecessor: Predecessor | None) -> Turn:
        """Return a turn for a cursor that was leased just now."""
        turn = Turn(cursor, self._subscribers[cursor.subscription])
        turn.wary = predecessor is not None and predecessor.guilty is None
        turn.suspicion = suspicion(cursor, self._worker, predecessor)
        if turn.suspicion is not None:
            turn.size = turn.suspicion.size
        guilty = "" if predecessor is None else predecessor.guilty or ""
        if predecessor not in self._blamed and guilty.startswith(f"{cursor.label}#"):
            assert predecessor is not None
            self._blamed.add(predecessor)
            self._retrying.blame(turn, predecessor)
        return turn

    def take(self, turn: Turn, newest: int) -> bool:
        """Do a piece of work; return whether there may be more to do.

        :raises LeaseLost: if somebody else has the cursor
        :raises Unavailable: if the database is away
        """
        cursor = turn.cursor
        if cursor.paused or self._withholding.is_off(turn, None):
            return False
        with translated():
            if cursor.backfilling:
                return cursor.slot == 0 and self._backfilling.step(turn)
            read = cursor.slot == 0 and bool(cursor.unread) and self._read_past(turn)
            retried = turn.due and self._retrying.step(turn)
            drained = bool(turn.gaps) and self._drain(turn)
            moved = self._follow(turn, turn.lane, newest, cursor.barrier)
            self._leases.prune(cursor)
            return moved or retried or drained or read

    def settle(self, turn: Turn) -> None:
        """Have it remembered where a cursor stands, and that nothing is being attempted."""
        cursor = turn.cursor
        if cursor.stored != cursor.position or cursor.attempt is not None:
            with translated():
                self._leases.store(cursor)

    def _read_past(self, turn: Turn) -> bool:
        """Read a page of what happened before, where the plugin was off; tell if there was one."""
        if self._elapsed() < turn.look_at:
            return False
        if self._backfilling.step(turn):
            return True
        turn.look_at = self._elapsed() + LOOK
        return False

    def _drain(self, turn: Turn) -> bool:
        """Make up for what a workspace has missed, up to where its cursor is."""
        cursor = turn.cursor
        ready = (lane for lane in turn.gaps if self._withholding.may_drain(turn, lane))
        lane = next(ready, None) if cursor.position.closed else None
        if lane is None:
            return False
        if self._follow(turn, lane, cursor.position.tick, cursor.position.tick):
            return True
        with self._host.within(DB_SCHEMA) as scope:
            hold_lease(scope.work, cursor)
            scope.work.execute(
                "DELETE FROM meishi_events.gap WHERE subscription = %(subscription)s "
                "AND slot = %(slot)s AND workspace = %(workspace)s",
                cursor.values() | {"workspace": lane.gap.workspace},
            )
        turn.gaps.remove(lane)
        del cursor.gaps[lane.gap.workspace]
        return True

    def _follow(self, turn: Turn, lane: Lane, newest: int, until: int | None) -> bool:
        """Deliver the next events of a lane; return whether it has moved."""
        if lane.idle:
            span = self.reader.read(lane.position, newest, until)
            if span is None:
                return False
            lane.enter(span)
            if lane.idle:
                return True
        cursor = turn.cursor
        noted = cursor.attempt if turn.noted is lane and turn.suspicion is None else None
        taken = lane.take(turn.size if noted is None else noted.size)
        if lane is turn.lane and len(self._withholding.deliverable(turn, taken)) < len(taken):
            # What was noted as attempted is not what comes next any more.
            turn.noted = None
            return True
        events = self._bounded(turn, taken)
        doubted = turn.suspicion is not None and not turn.suspicion.proven
        with self._alone if doubted else nullcontext():
            if noted is None:
                self._leases.store(cursor, self._attempt(turn, events))
                turn.noted = lane
            started = self._elapsed()
            self._deliver(turn, lane, events)
            took = self._elapsed() - started
        if took < QUICK and turn.suspicion is None:
            turn.size = min(turn.most, turn.size * 2)
        elif took > SLOW:
            turn.size = max(1, turn.size // 2)
        return True

    def _bounded(self, turn: Turn, events: tuple[StoredEvent, ...]) -> tuple[StoredEvent, ...]:
        """Return those of the first events that are all of them replayed, or all of them not."""
        replay = turn.cursor.replay
        if events[0].pos > replay.pos:
            return events
        kind = replay.covers(events[0])
        return tuple(takewhile(lambda event: replay.covers(event) == kind, events))

    def _attempt(self, turn: Turn, events: tuple[StoredEvent, ...]) -> Attempt:
        last, count = events[-1].pos, 1
        if turn.suspicion is not None and turn.suspicion.repeats(last, len(events)):
            count = turn.suspicion.attempt.count + 1
        return Attempt(last, len(events), count, str(self._worker))

    def _deliver(self, turn: Turn, lane: Lane, events: tuple[StoredEvent, ...]) -> None:
        """Deliver events, in as many transactions as their faults make necessary."""
        while events:
            doubt = turn.suspicion
            if (
                doubt is not None
                and doubt.condemns(events[0].pos, len(events))
                and events[0].thread not in turn.cursor.held
            ):
                self._park(turn, lane, events[0], doubt.error, None)
                return
            failure = self._tried(turn, lane, events)
            if failure is None:
                return
            if len(events) == 1:
                self._park(turn, lane, events[0], report(failure.cause), failure.cause)
                return
            cut = _cut(events, failure)
            turn.size = max(1, turn.size // 4)
            self._deliver(turn, lane, events[:cut])
            events = events[cut:]

    def _tried(
        self, turn: Turn, lane: Lane, events: tuple[StoredEvent, ...]
    ) -> DeliveryFailed | None:
        """Deliver events in one transaction; return why they could not be."""
        try:
            self._once(turn, lane, events)
        except DeliveryFailed as failure:
            return failure
        return None

    def _once(self, turn: Turn, lane: Lane, events: tuple[StoredEvent, ...]) -> None:
        cursor = turn.cursor
        following = None
        after = lane.take(len(events) + turn.size)[len(events) :]
        if after:
            following = Attempt(after[-1].pos, len(after), 1, str(self._worker))
        batch = Batch(lane=lane, events=events, end=lane.end_of(events), following=following)
        try:
            self._deliveries[cursor.subscription].deliver(cursor, batch)
        except Unavailable as error:
            # Whoever leases the cursor anew goes on counting, or nobody would ever be to blame.
            self._breaks[cursor.label] += error.calling
            if not error.calling or self._breaks[cursor.label] < _BREAKS:
                raise
            raise DeliveryFailed(events, error.__cause__ or error) from error
        del self._breaks[cursor.label]
        turn.noted = lane if following is not None else None
        if turn.suspicion is not None and turn.suspicion.attempt.pos <= events[-1].pos:
            turn.suspicion = None

    def _park(
        self,
        turn: Turn,
        lane: Lane,
        event: StoredEvent,
        error: str,
        cause: BaseException | None,
    ) -> None:
        """Put an event aside, such that those of other keys go on."""
        cursor = turn.cursor
        fate = self._backoffs[cursor.subscription].fate(1, cause)
        end = lane.end_of((event,))
        with self._host.within(DB_SCHEMA) as scope:
            if event.thread in cursor.held:
                # It was not called, only put behind others: that is no fault of its own.
                raise Unavailable(error)
            park_failed(scope.work, cursor, event, fate, error)
            for statement in lane.statements(end):
                scope.work.ending.at_commit(statement)
            position: Position = lane.cursor_position(end)
            scope.work.ending.at_commit(advance_statement(cursor, position, None))
        del self._breaks[cursor.label]
        cursor.seq += 1
        cursor.attempt = turn.noted = None
        cursor.held.add(event.thread)
        lane.moved(end)
        cursor.stored = cursor.position
        turn.suspicion = None
        self._notices.parked(cursor, event, fate, error)


def _cut(events: tuple[StoredEvent, ...], failure: DeliveryFailed) -> int:
    """Return how many of the events, in their order, are to be tried without the others.

    Those before the one that failed; or those up to the middle of the list that failed.
    """
    suspects = failure.suspects
    middle = suspects[len(suspects) // 2]
    return max(1, sum(event.pos < middle.pos for event in events))
