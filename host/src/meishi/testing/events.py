"""Events in tests: what was published, and delivery at once instead of by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import UUID

if TYPE_CHECKING:
    from meishi.events.subscriptions import Subscriber
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
    """The events that stand in the log, oldest first; those of services come into it first."""

    def __init__(self, host: Host, *services: Host) -> None:
        self._host = host
        self._services = services

    def __call__(self, *kinds: type[Event]) -> list[Event]:
        """Return the published events, only those of the given classes if any are given."""
        return [item.event for item in self.entries() if not kinds or type(item.event) in kinds]

    def entries(self) -> list[PublishedEvent]:
        """Return all published events with their envelopes."""
        from meishi.events.log import DB_SCHEMA
        from meishi.events.spans import COLUMNS, StoredEvent

        if self._services:
            follow_each_other((self._host, *self._services))
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
    """Delivers what is in the log to durable handlers, in the test's own thread.

    With `services` beside the host each side follows the other's log, and delivers what is there.
    """

    def __init__(self, host: Host, *services: Host) -> None:
        self._hosts = (host, *services)
        #: The ticks up to which logs were delivered.
        self._ends: dict[Host, int] = {}
        self._known: list[list[Subscriber]] = []

    def __call__(self, *, failures: bool = False) -> None:
        """Deliver until nothing is left, with whatever handlers publish meanwhile.

        A handler that fails fails the test (`DeliveryFault`), unless `failures` are expected:
        then its event is parked, as a worker would.
        """
        self._begin()
        self._deliver()
        if not failures:
            self._raise_failures()

    def news(self, *, failures: bool = False) -> None:
        """Deliver as when called, if anything was published since the last time that ended."""
        if any(_tick(host) != self._ends.get(host) for host in self._hosts):
            self(failures=failures)

    def register(self) -> None:
        """Have subscriptions begin here: what is published from now on reaches them."""
        from meishi.events.subscriptions import SubscriptionBook

        self._follow()
        for host in self._hosts:
            _tick(host)
        self._known = [host.subscribers() for host in self._hosts]
        for host, known in zip(self._hosts, self._known, strict=True):
            book = SubscriptionBook(host.within, host.workspace_ids)
            for subscriber in known:
                book.register(subscriber)

    def retry(self) -> None:
        """Let all parked events be due, and deliver.

        They have been for an hour, so that it is no matter how exactly clocks agree.
        """
        from meishi.events.log import DB_SCHEMA

        for host in self._hosts:
            with host.within(DB_SCHEMA) as scope:
                scope.work.execute(
                    "UPDATE meishi_events.parked SET next_at = clock_timestamp()"
                    " - interval '1 h' WHERE state = 'retry'"
                )
        self._begin()
        self._deliver()

    def _begin(self) -> None:
        """Register what is not known from last time."""
        if [host.subscribers() for host in self._hosts] != self._known:
            self.register()
        else:
            self._follow()

    def _follow(self) -> None:
        """Let each side have what was published on others, if there are any."""
        if len(self._hosts) > 1:
            follow_each_other(self._hosts)

    def _deliver(self) -> None:
        for _ in range(_ROUNDS):
            moved = [self._delivered(host) for host in self._hosts]
            if len(self._hosts) == 1 or not any(moved):
                return
            follow_each_other(self._hosts)
        raise DeliveryFault(f"events have caused each other for {_ROUNDS} rounds")

    def _delivered(self, host: Host) -> bool:
        """Deliver until nothing is left on one side; return whether there was anything."""
        from meishi.events.cursor import LeaseLost
        from meishi.events.leases import CursorLeases
        from meishi.events.turns import Turns
        from meishi.events.withholding import Withholding

        worker = host.new_id()
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
        for number in range(_ROUNDS):
            newest = _tick(host)
            moved = lost = False
            for cursor in leases.claim(running, len(subscribers) * 64):
                turn = turns.begin(cursor, None)
                try:
                    while turns.take(turn, newest):
                        moved = True
                    turns.settle(turn)
                except LeaseLost:
                    lost = True
            leases.give_back()
            if not lost and (not moved or _tick(host) == newest):
                self._ends[host] = newest
                return moved or number > 0
        raise DeliveryFault(f"events have caused each other for {_ROUNDS} rounds")

    def _raise_failures(self) -> None:
        from meishi.events.log import DB_SCHEMA

        query = """
            SELECT subscription, type, error FROM meishi_events.parked
            WHERE error IS NOT NULL ORDER BY pos LIMIT 1
        """
        for host in self._hosts:
            with host.within(DB_SCHEMA) as scope:
                rows = scope.work.execute(query)
            for subscription, event_type, error in rows:
                raise DeliveryFault(f"{subscription} failed to handle {event_type}:\n{error}")


def _tick(host: Host) -> int:
    """Let all that was published be shown by a tick; return the newest."""
    from meishi.events.log import DB_SCHEMA
    from meishi.events.positions import newest_tick
    from meishi.events.ticks import Ticker

    Ticker(host.within).tick()
    with host.within(DB_SCHEMA) as scope:
        return newest_tick(scope.work).id


def follow_each_other(hosts: Sequence[Host]) -> None:
    """Let each side have in its log what the others have published by now.

    Whose answer is lost is asked again, as by the threads of a worker.
    """
    from meishi.events.across.following import Follower, followed
    from meishi.remote.line import NoAnswer

    for host in hosts:
        _tick(host)
    for host in hosts:
        for whom in followed(host):
            follower, more = Follower(host, whom), True
            while more:
                try:
                    more = follower.step()
                except NoAnswer:
                    more = follower.step()


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
