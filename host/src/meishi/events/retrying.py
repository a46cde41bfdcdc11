"""Retrying: parked events whose time has come, and then those that waited behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from meishi.events.backoff import Backoff
from meishi.events.blame import ENDED, Predecessor
from meishi.events.cursor import Cursor
from meishi.events.delivery import Batch, Delivery, DeliveryFailed, Unavailable
from meishi.events.environment import Environment
from meishi.events.log import DB_SCHEMA
from meishi.events.notices import Notices
from meishi.events.parking import (
    MOST,
    attempts_of,
    begin_retry,
    due,
    head,
    note_failure,
    report,
)
from meishi.events.spans import StoredEvent
from meishi.events.turn import Turn


class Retrying:
    """Tries parked events again, each with its attempt counted beforehand.

    `alone` lets one at a time be tried in the process, after an end that nobody has explained;
    `deliverable` leaves out events of workspaces where the plugin is off.
    """

    def __init__(
        self,
        host: Environment,
        deliveries: Mapping[str, Delivery],
        backoffs: Mapping[str, Backoff],
        notices: Notices,
        alone: AbstractContextManager[object],
        deliverable: Callable[[Turn, list[StoredEvent]], list[StoredEvent]],
    ) -> None:
        self._host = host
        self._deliveries = deliveries
        self._backoffs = backoffs
        self._notices = notices
        self._alone = alone
        self._deliverable = deliverable

    def step(self, turn: Turn) -> bool:
        """Try what is due; return whether anything was."""
        with self._host.within(DB_SCHEMA) as scope:
            events = due(scope.work, turn.cursor, turn.subscriber.longest_wait)
        turn.due = len(events) == MOST
        events = self._deliverable(turn, events)
        for event in events:
            self._retry(turn, event)
        turn.wary = turn.wary and not events
        return bool(events)

    def blame(self, turn: Turn, predecessor: Predecessor) -> None:
        """Note why an attempt of a parked event ended a process; it was counted before."""
        pos = int((predecessor.guilty or "").rpartition("#")[2])
        with self._host.within(DB_SCHEMA) as scope:
            attempts = attempts_of(scope.work, turn.cursor, pos)
            if attempts is not None:
                fate = self._backoffs[turn.cursor.subscription].fate(attempts, None)
                note_failure(scope.work, turn.cursor, pos, fate, predecessor.error)

    def _retry(self, turn: Turn, first: StoredEvent) -> None:
        """Try an event, and while all goes well those behind it."""
        event: StoredEvent | None = first
        while event is not None and self._tried(turn, event):
            with self._host.within(DB_SCHEMA) as scope:
                following = head(scope.work, turn.cursor, event)
            if following is None:
                turn.cursor.held.discard(event.thread)
            event = following

    def _tried(self, turn: Turn, event: StoredEvent) -> bool:
        with self._alone if turn.wary else nullcontext():
            return self._succeeds(turn, event)

    def _succeeds(self, turn: Turn, event: StoredEvent) -> bool:
        cursor, declared = turn.cursor, turn.subscriber.declared
        backoff = self._backoffs[cursor.subscription]
        wait = declared.limit_seconds + backoff.wait(1)
        with self._host.within(DB_SCHEMA) as scope:
            attempts = begin_retry(scope.work, cursor, event, wait)
        if attempts is None:
            return False
        if attempts > declared.retry.attempts:
            self._failed(cursor, event, ("dead", 0.0), ENDED)
            return False
        batch = Batch(lane=turn.lane, events=(event,), end=turn.lane.position, parked=event.pos)
        try:
            self._deliveries[cursor.subscription].deliver(cursor, batch)
        except DeliveryFailed as failure:
            fate = backoff.fate(attempts, failure.cause)
            self._failed(cursor, event, fate, report(failure.cause))
            return False
        except Unavailable as error:
            if not error.calling:
                raise
            # Where the database is away indeed, this cannot be noted either.
            self._failed(cursor, event, backoff.fate(attempts, error), report(error))
            return False
        return True

    def _failed(
        self, cursor: Cursor, event: StoredEvent, fate: tuple[str, float], error: str
    ) -> None:
        with self._host.within(DB_SCHEMA) as scope:
            note_failure(scope.work, cursor, event.pos, fate, error)
        self._notices.parked(cursor, event, fate, error)
