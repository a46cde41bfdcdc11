from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishi.app import create_app
from meishi.database.location import Location
from meishi.host import Host
from meishi.http.limits.buckets import MINUTE, SECOND, Buckets, MemoryBuckets, Quota
from meishi.http.limits.stored_buckets import StoredBuckets
from meishi.settings import Settings

START = 1_800_000_000 * SECOND
QUOTA = Quota(name="token", per_minute=60, burst=5)

quotas = st.builds(
    Quota,
    name=st.just("token"),
    per_minute=st.integers(1, 6_000_000),
    burst=st.integers(1, 50),
    shares=st.integers(1, 8),
)


def granted(buckets: Buckets, quota: Quota, moments: list[int]) -> list[int]:
    """Return the moments at which a request was granted."""
    return [now for now in moments if not buckets.take("one", quota, now).wait]


@given(quota=quotas, gaps=st.lists(st.integers(0, 2 * MINUTE), max_size=60))
def test_no_window_grants_more_than_the_burst_and_what_filled_up(
    quota: Quota, gaps: list[int]
) -> None:
    """Between any two moments it is at most the stock, and one for each interval in between."""
    moments = list(accumulate(gaps, initial=START))
    found = granted(MemoryBuckets(), quota, moments)
    for first, begin in enumerate(found):
        for last, end in enumerate(found[first:], 1):
            assert last <= (quota.size + end - begin) / quota.interval + 1e-9


@given(quota=quotas, gaps=st.lists(st.integers(0, MINUTE), max_size=40))
def test_who_waits_as_long_as_told_is_served(quota: Quota, gaps: list[int]) -> None:
    """A refusal says exactly when the next request is granted: not earlier, and then surely."""
    buckets = MemoryBuckets()
    for now in accumulate(gaps, initial=START):
        level = buckets.take("one", quota, now)
        if level.wait:
            assert buckets.take("one", quota, now + level.wait - 1).wait == 1
            assert not buckets.take("one", quota, now + level.wait).wait
            return


@given(st.lists(st.integers(-MINUTE, MINUTE), max_size=40))
def test_a_clock_that_is_set_back_grants_nothing(jumps: list[int]) -> None:
    """Whatever the clock does, no more is granted than up to the latest moment that it showed."""
    moments = [START + jump for jump in jumps]
    found = granted(MemoryBuckets(), QUOTA, moments)
    if found:
        most = QUOTA.burst + (max(moments) - min(moments)) / QUOTA.interval
        assert len(found) <= most


def test_levels_count_down_and_fill_up() -> None:
    """Remaining requests, and the time until all are there again, are told with each request."""
    buckets = MemoryBuckets()
    levels = [buckets.take("one", QUOTA, START) for _ in range(6)]
    assert [level.remaining for level in levels] == [4, 3, 2, 1, 0, 0]
    assert [level.full_in // SECOND for level in levels] == [1, 2, 3, 4, 5, 5]
    assert [level.wait // SECOND for level in levels] == [0, 0, 0, 0, 0, 1]
    assert buckets.take("other", QUOTA, START).remaining == 4
    assert buckets.take("one", QUOTA, START + 2 * SECOND).remaining == 1


def test_processes_share_a_limit() -> None:
    """Each of several processes grants its share, in stock and in rate."""
    half = replace(QUOTA, shares=2)
    buckets = MemoryBuckets()
    assert len(granted(buckets, half, [START] * 10)) == 2
    assert len(granted(buckets, half, [START + 2 * SECOND] * 10)) == 1


def test_threads_are_granted_no_more_together() -> None:
    """Requests at the same moment in many threads get exactly the stock."""
    buckets, gate = MemoryBuckets(), threading.Barrier(8)

    def take_many() -> int:
        gate.wait()
        return len(granted(buckets, replace(QUOTA, burst=700), [START] * 200))

    with ThreadPoolExecutor(8) as pool:
        counts = [pool.submit(take_many) for _ in range(8)]
    assert sum(count.result() for count in counts) == 700


def test_memory_is_bounded_and_who_is_busy_is_remembered() -> None:
    """Full buckets go, and at the limit whoever was away longest."""
    buckets = MemoryBuckets(capacity=10)
    for number in range(1000):
        buckets.take(f"guest {number}", QUOTA, START + number * 10 * SECOND)
    assert len(buckets) < 3
    for _ in range(5):
        buckets.take("busy", QUOTA, START + MINUTE * MINUTE)
    for number in range(1000):
        assert len(buckets) <= 10
        buckets.take(f"crowd {number}", QUOTA, START + MINUTE * MINUTE)
        assert buckets.take("busy", QUOTA, START + MINUTE * MINUTE).wait


@pytest.fixture
def another_host(meishi_settings: Settings, database: Location) -> Iterator[Host]:
    """A second application on the same database, as another process would be."""
    app = create_app(meishi_settings, location=database)
    yield app.extensions["meishi"]
    app.extensions["meishi"].close()


@contextmanager
def both(*hosts: Host) -> Iterator[list[Callable[[], int]]]:
    """Yield for each host what takes a hundred requests of one token at one moment."""
    quota = replace(QUOTA, burst=70)
    gate = threading.Barrier(len(hosts) * 2)

    def taking(host: Host) -> Callable[[], int]:
        stored = StoredBuckets(host)

        def take_many() -> int:
            gate.wait()
            return len(granted(stored, quota, [START] * 50))

        return take_many

    yield [taking(host) for host in hosts for _ in range(2)]


def test_processes_with_one_database_count_exactly(host: Host, another_host: Host) -> None:
    """However many ask at once, together they are granted the stock, not one more or less."""
    with both(host, another_host) as takers, ThreadPoolExecutor(4) as pool:
        counts = [pool.submit(taker) for taker in takers]
    assert sum(count.result() for count in counts) == 70


def test_both_stores_count_alike(host: Host) -> None:
    """The same requests at the same moments find the same levels."""
    stores: list[Buckets] = [MemoryBuckets(), StoredBuckets(host)]
    moments = [START + step * SECOND // 3 for step in (0, 0, 0, 1, 1, 1, 2, 9, 2, 9, 9, 60)]
    levels = [[store.take("one", QUOTA, now) for now in moments] for store in stores]
    assert levels[0] == levels[1]


def test_full_buckets_leave_the_database(host: Host) -> None:
    """After many requests only those who have asked lately have a row."""
    stored = StoredBuckets(host)
    stored.take("gone", QUOTA, START)
    for step in range(1, 1000):
        stored.take("here", QUOTA, START + step * SECOND)
    with host.within("meishi_requests") as scope:
        rows = scope.work.execute("SELECT holder FROM meishi_requests.bucket")
    assert rows == [("here",)]
