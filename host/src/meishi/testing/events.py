"""Events in tests: what was published, and delivery at once instead of by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import UUID

if TYPE_CHECKING:
    from meishi.host import Host
    from meishi.sdk.contract import Event

#: Rounds of ticks and deliveries after which events are taken to cause each other for ever.
_ROUNDS = 100


class DeliveryFault(AssertionError):
    """A handler failed; the text is what an operator would read of it."""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event in the log, with what its envelope says."""

    event: Event
    workspace: UUID | None
    source: str
    correlation: UUID
    causation: UUID | None
    id: UUID


class UnwatchedCalls:
    """A watch that never ends a call: a test has limits of its own."""

    @contextmanager
    def calling(self, label: str, limit_seconds: float) -> Iterator[None]:  # noqa: ARG002
        """Run a block."""
        yield


class PublishedEvents:
    """The events that stand in the log, oldest first."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __call__(self, *kinds: type[Event]) -> list[Event]:
        """Return the published events, only those of the given classes if any are given."""
        return [item.event for item in self.entries() if not kinds or type(item.event) in kinds]

    def entries(self) -> list[PublishedEvent]:
        """Return all published events with their envelopes."""
        from meishi.events.log import DB_SCHEMA
        from meishi.events.spans import COLUMNS, StoredEvent

        query = f"SELECT {COLUMNS} FROM meishi_events.event ORDER BY pos"  # noqa: S608 (constant)
        with self._host.within(DB_SCHEMA) as scope:
            rows = [StoredEvent(*row) for row in scope.work.execute(query)]
        return [
            PublishedEvent(
                event=self._host.catalogue.decode(row.type, row.data),
                workspace=row.workspace_id,
                source=row.source,
                correlation=UUID(row.trace["correlation"]),
                causation=None if row.trace["causation"] is None else UUID(row.trace["causation"]),
                id=row.id,
            )
            for row in rows
        ]


class EventDeliveries:
    """Delivers what is in the log to durable handlers, in the test's own thread."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __call__(self, *, failures: bool = False) -> None:
        """Deliver until nothing is left, with whatever handlers publish meanwhile.

        A handler that fails fails the test (`DeliveryFault`), unless `failures` are expected:
        then its event is parked, as a worker would.
        """
        self._deliver()
        if not failures:
            self._raise_failures()

    def register(self) -> None:
        """Have subscriptions begin here: what is published from now on reaches them."""
        from meishi.events.subscriptions import SubscriptionBook
        from meishi.events.ticks import Ticker

        Ticker(self._host.within).tick()
        book = SubscriptionBook(self._host.within, self._host.workspace_ids)
        for subscriber in self._host.subscribers():
            book.register(subscriber)

    def retry(self) -> None:
        """Let all parked events be due, and deliver."""
        from meishi.events.log import DB_SCHEMA

        with self._host.within(DB_SCHEMA) as scope:
            scope.work.execute(
                "UPDATE meishi_events.parked SET next_at = clock_timestamp() WHERE state = 'retry'"
            )
        self._deliver()

    def _deliver(self) -> None:
        from meishi.events.cursors import CursorLeases, LeaseLost
        from meishi.events.log import DB_SCHEMA
        from meishi.events.positions import newest_tick
        from meishi.events.ticks import Ticker
        from meishi.events.turns import Turns
        from meishi.events.withholding import Withholding

        host, worker = self._host, self._host.new_id()
        self.register()
        subscribers = {item.name: item for item in host.subscribers()}
        turns = Turns(
            host,
            worker,
            UnwatchedCalls(),
            subscribers,
            elapsed=time.monotonic,
            chance=lambda: 1.0,
        )
        leases = CursorLeases(host.within, worker)
        running = [item.name for item in subscribers.values() if host.is_on(item.plugin)]
        Withholding(host).follow(subscribers.values())
        for _ in range(_ROUNDS):
            Ticker(host.within).tick()
            with host.within(DB_SCHEMA) as scope:
                newest = newest_tick(scope.work).id
            moved = False
            for cursor in leases.claim(running, len(subscribers) * 64):
                turn = turns.begin(cursor, None)
                try:
                    while turns.take(turn, newest):
                        moved = True
                    turns.settle(turn)
                except LeaseLost:
                    moved = True
            leases.give_back()
            if not moved:
                return
        raise DeliveryFault(f"events have caused each other for {_ROUNDS} rounds")

    def _raise_failures(self) -> None:
        from meishi.events.log import DB_SCHEMA

        query = """
            SELECT subscription, type, error FROM meishi_events.parked
            WHERE error IS NOT NULL ORDER BY pos LIMIT 1
        """
        with self._host.within(DB_SCHEMA) as scope:
            rows = scope.work.execute(query)
        for subscription, event_type, error in rows:
            raise DeliveryFault(f"{subscription} failed to handle {event_type}:\n{error}")


class Scenario:
    """A test told as a story: when this happens, eventually that is so."""

    def __init__(self, host: Host, deliver: EventDeliveries, workspace: UUID) -> None:
        self._host = host
        self._deliver = deliver
        self._workspace = workspace
        deliver.register()

    def when(self, stimulus: Callable[[], object]) -> Self:
        """Do something; each time, what it publishes is in the log when it returns."""
        stimulus()
        return self

    def published(self, plugin: str, events: Sequence[Event]) -> Self:
        """Let a plugin publish events in the workspace under test."""
        with self._host.scope(workspace=self._workspace, plugin=plugin):
            self._host.publish(events)
        return self

    def eventually(self, state: Callable[[], object], expected: object = True) -> Self:
        """Deliver, then hold: what `state` returns is `expected`."""
        self._deliver()
        found = state()
        if found != expected:
            told = "\n".join(f"  {event}" for event in PublishedEvents(self._host)())
            raise AssertionError(f"{found!r} is not {expected!r}; published:\n{told}")
        return self
