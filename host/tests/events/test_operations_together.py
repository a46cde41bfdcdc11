"""Operators and workers at the same time: nothing is lost, and no order is broken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest

from meishi.database.location import Location
from meishi.declarations import ReplayPolicy, Subscription
from meishi.events.housekeeping import HOUSEKEEPING
from meishi.events.log import DB_SCHEMA
from meishi.events.operations import pausing
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.errors import NotParked, WrongState
from meishi.events.operations.heads import discard_all, discard_event, retry_all, retry_event, skip
from meishi.events.operations.parked import ParkedFilter
from meishi.events.operations.replays import Replays
from meishi.events.subscriptions import Subscriber
from meishi.host import Host
from meishi.testing.sessions import WAITING

from ..conftest import SUBSCRIPTION, DeliveryRows

WHY = Verdict(by="ada", reason="it names nobody")
R = TypeVar("R")


@pytest.fixture
def log(delivery: DeliveryRows) -> DeliveryRows:
    """A log with a subscription of two slots."""
    delivery.subscribe(slots=2)
    return delivery


class Bench:
    """Runs operations in threads, beside a worker's open transaction."""

    def __init__(self, host: Host, database: Location, log: DeliveryRows) -> None:
        self._host = host
        self._log = log
        self._url = database.administrator_url()
        self.pool = ThreadPoolExecutor(8)

    @contextmanager
    def worker(self) -> Iterator[psycopg.Connection[Any]]:
        """Hold the lock of a cursor, as delivery does while it changes what is parked."""
        with psycopg.connect(self._url) as connection:
            connection.execute(
                "SELECT FROM meishi_events.cursor WHERE subscription = %s AND slot = 0 "
                "FOR NO KEY UPDATE",
                [SUBSCRIPTION],
            )
            yield connection

    def operate(self, operation: Callable[[], R]) -> R:
        """Run an operation in a unit of work of its own."""
        with self._host.scope(plugin=DB_SCHEMA):
            return operation()

    def start(self, operation: Callable[[], R]) -> Future[R]:
        """Begin an operation in another thread, and return once it waits for a lock."""
        begun = self.pool.submit(self.operate, operation)
        while not self._log.one(WAITING) and not begun.done():
            time.sleep(0.01)
        return begun

    def at_once(self, *operations: Callable[[], object]) -> list[object]:
        """Run operations at the same time; return what each returned or raised."""
        gate = threading.Barrier(len(operations))

        def run(operation: Callable[[], object]) -> object:
            gate.wait()
            try:
                return self.operate(operation)
            except (NotParked, WrongState) as refused:
                return refused

        return list(self.pool.map(run, operations))


@pytest.fixture
def bench(host: Host, database: Location, log: DeliveryRows) -> Iterator[Bench]:
    """Threads for operators."""
    bench = Bench(host, database, log)
    yield bench
    bench.pool.shutdown()


def delivered(worker: psycopg.Connection[Any], event: UUID, next_one: UUID) -> None:
    """Do what a worker does when a head was delivered after all."""
    worker.execute("DELETE FROM meishi_events.parked WHERE event_id = %s", [event])
    worker.execute(
        "UPDATE meishi_events.parked SET state = 'retry', next_at = clock_timestamp() "
        "WHERE event_id = %s",
        [next_one],
    )


@pytest.mark.parametrize("operation", [skip, discard_event])
def test_a_head_that_is_delivered_meanwhile_is_not_thrown_away(
    bench: Bench, log: DeliveryRows, operation: Callable[..., object]
) -> None:
    """The operator is told; what waited behind it is neither lost nor thrown away with it."""
    head, follower = log.queue("a", ["retry", "held"])
    with bench.worker() as worker:
        waiting = bench.start(lambda: operation(head, WHY))
        assert not waiting.done()
        delivered(worker, head, follower)
    with pytest.raises(NotParked):
        waiting.result()
    assert ([event for event, *_ in log.parked()], log.decided()) == ([follower], [])


def test_what_comes_while_all_is_discarded_is_discarded_too_or_stays_with_a_head(
    bench: Bench, log: DeliveryRows
) -> None:
    """No follower is left behind without a head that would be tried."""
    head, _ = log.queue("a", ["dead", "held"])
    (late,) = log.publish("a")
    with bench.worker() as worker:
        waiting = bench.start(lambda: discard_event(head, WHY))
        worker.execute(
            "INSERT INTO meishi_events.parked (subscription, pos, slot, event_id, type, key, event,"
            " state) SELECT %s, pos, 0, id, type, key, to_jsonb(e), 'held' "
            "FROM meishi_events.event AS e WHERE pos = %s",
            [SUBSCRIPTION, late],
        )
    assert len(waiting.result().events) == 3
    assert (log.parked(), len(log.decided())) == ([], 3)


def test_a_retry_waits_for_the_worker_that_notes_a_failure(bench: Bench, log: DeliveryRows) -> None:
    """The operator's word is the last one."""
    (head,) = log.queue("a", ["retry"])
    with bench.worker() as worker:
        waiting = bench.start(lambda: retry_event(head))
        worker.execute("UPDATE meishi_events.parked SET state = 'dead', attempts = 10")
    assert waiting.result().events == (head,)
    assert log.parked() == [(head, "retry", 0)]


def test_two_operators_skip_one_event_once(bench: Bench, log: DeliveryRows) -> None:
    """The second one does not skip the follower instead, and one decision is written."""
    queue = log.queue("a", ["dead", *["held"] * 3])
    answers = bench.at_once(*[lambda: skip(queue[0], WHY)] * 4)
    assert sum(isinstance(answer, NotParked) for answer in answers) == 3
    assert log.parked() == [(queue[1], "retry", 0), *((event, "held", 0) for event in queue[2:])]
    assert len(log.decided()) == 1


def test_many_operators_leave_no_key_without_a_head(bench: Bench, log: DeliveryRows) -> None:
    """Whatever they do at once: one head per key, the lowest one, and each loss has its line."""
    queues = [log.queue(key, ["dead", *["held"] * 4]) for key in "abcd"]
    published = {event for queue in queues for event in queue}
    operations: list[Callable[[], object]] = []
    for queue in queues:
        operations += [partial(skip, event, WHY) for event in queue[:2]]
    bench.at_once(*operations)
    bench.at_once(
        lambda: retry_all(ParkedFilter(state="dead")),
        lambda: retry_all(ParkedFilter(subscription=SUBSCRIPTION)),
        lambda: discard_event(queues[0][2], WHY),
        lambda: skip(queues[1][2], WHY),
    )
    left = {event: state for event, state, _ in log.parked()}
    gone = {row.event_id for row in log.decided()}
    assert left.keys() | gone == published
    assert not left.keys() & gone
    for queue in queues:
        states = [left[event] for event in queue if event in left]
        assert states in ([], ["retry", *["held"] * (len(states) - 1)])


def test_of_two_operators_who_pause_one_is_told(bench: Bench, log: DeliveryRows) -> None:
    """The fence is raised once, and one decision is written."""
    answers = bench.at_once(*[lambda: pausing.pause(SUBSCRIPTION, WHY)] * 4)
    assert sum(isinstance(answer, WrongState) for answer in answers) == 3
    assert (log.fence(), len(log.decided())) == (1, 1)


def test_a_gap_begins_at_the_position_that_was_kept_last(bench: Bench, log: DeliveryRows) -> None:
    """A delivery that commits first has its workspace's events, and the gap begins behind them."""
    log.publish("a")
    newest = log.tick()
    with bench.worker() as worker:
        waiting = bench.start(lambda: pausing.pause_workspace(SUBSCRIPTION, UUID(int=1), WHY))
        worker.execute(
            "SELECT meishi_events.advance(%s, 0::smallint, 0, 2, %s, %s, 0, NULL, 0, 0, NULL, 1, "
            "'{}', 0)",
            [SUBSCRIPTION, newest, newest],
        )
    assert waiting.result().state == "open"
    query = "SELECT slot, tick FROM meishi_events.gap ORDER BY slot"
    assert [tuple(row) for row in log.run(query)] == [(0, newest), (1, 1)]


def test_a_replay_and_a_delivery_never_overwrite_each_other(
    bench: Bench, log: DeliveryRows
) -> None:
    """What commits first counts; the delivery that comes after it is refused by its fence."""
    log.publish("a")
    first = log.tick()
    log.publish("b")
    newest = log.tick()
    log.advance(SUBSCRIPTION, 0, first)
    declared = Subscription(replay=ReplayPolicy.IDEMPOTENT)
    replays = Replays(
        [Subscriber(name=SUBSCRIPTION, plugin="x", declared=declared, types=frozenset())]
    )
    advance = (
        "SELECT meishi_events.advance(%s, 0::smallint, 0, 3, %s, %s, 0, NULL, 0, 0, NULL, 7, "
        "'{}', 0)"
    )
    with bench.worker() as worker:
        waiting = bench.start(lambda: replays.replay(SUBSCRIPTION, None, WHY))
        worker.execute(advance, [SUBSCRIPTION, newest, newest])
    assert waiting.result().slots == (0,)
    assert log.position() == (1, 1, 0)
    assert log.one("SELECT max(delivered) FROM meishi_events.progress WHERE seq = 4") == 7
    with bench.worker() as worker, pytest.raises(psycopg.Error) as lost:
        worker.execute(advance, [SUBSCRIPTION, newest, newest])
    assert lost.value.sqlstate == "MSF01"


def test_a_replay_waits_for_who_keeps_house(
    bench: Bench, log: DeliveryRows, database: Location
) -> None:
    """A tick that is just being deleted is not where a replay begins."""
    log.run("UPDATE meishi_events.tick SET at = '2026-01-01T00:00:00Z'")
    log.publish("a")
    kept = log.tick()
    log.publish("b")
    log.advance(SUBSCRIPTION, 0, log.tick())
    declared = Subscription(replay=ReplayPolicy.IDEMPOTENT)
    replays = Replays(
        [Subscriber(name=SUBSCRIPTION, plugin="x", declared=declared, types=frozenset())]
    )
    with psycopg.connect(database.administrator_url()) as keeper:
        keeper.execute("SELECT pg_advisory_xact_lock(%s)", [HOUSEKEEPING])
        waiting = bench.start(lambda: replays.replay(SUBSCRIPTION, None, WHY))
        keeper.execute("DELETE FROM meishi_events.tick WHERE id = 1")
    assert waiting.result().slots == (0,)
    assert log.position() == (kept, kept, 0)


def test_all_is_discarded_beside_operators_who_retry(bench: Bench, log: DeliveryRows) -> None:
    """Whoever comes later finds nothing; nobody deadlocks."""
    log.subscribe("qr.main")
    for key in "abcdef":
        log.queue(key, ["dead", "held"])
    bench.at_once(
        lambda: discard_all(SUBSCRIPTION, WHY, confirmed=True),
        lambda: retry_all(ParkedFilter(state="dead")),
        lambda: retry_all(ParkedFilter(subscription=SUBSCRIPTION)),
        lambda: pausing.pause(SUBSCRIPTION, WHY),
    )
    assert log.parked() == []
