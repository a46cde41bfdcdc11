"""Ticks and spans: every committed event once, in the order of its key, however it is read."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.events import spans
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position, Tick, newest_tick
from meishi.events.spans import SpanReader, StoredEvent
from meishi.events.ticks import CHANNEL, Ticker
from meishi.host import Host

from .conftest import Bus, ThingMade
from .writers import TYPE, Writers

_WRITER = st.integers(0, 3)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), _WRITER),
        st.tuples(st.just("insert"), _WRITER, st.sampled_from("abc")),
        st.tuples(st.just("insert"), _WRITER, st.sampled_from("abc")),
        st.tuples(st.just("commit"), _WRITER),
        st.tuples(st.just("commit"), _WRITER),
        st.tuples(st.just("roll_back"), _WRITER),
        st.tuples(st.just("pin")),
        st.tuples(st.just("tick")),
        st.tuples(st.just("tick")),
    ),
    min_size=15,
    max_size=60,
)

#: One transaction inserts early and ends late, beside others and beyond two ticks.
_ACROSS_TICKS = [
    ("insert", 0, "a"),
    *[("insert", 1, "b"), ("commit", 1), ("tick",)] * 3,
    ("commit", 0),
]

#: The last transaction that was over began before one that runs.
_BEHIND_THE_LAST = [
    ("begin", 1),
    *[("insert", 0, "a"), ("insert", 1, "b"), ("commit", 1), ("tick",)],
    *[("insert", 2, "c"), ("commit", 2), ("tick",), ("commit", 0)],
]


@pytest.fixture
def ticker(host: Host) -> Ticker:
    """A ticker of the database under test."""
    return Ticker(host.within)


@pytest.fixture
def server_url(meishi_server: EmbeddedPostgres) -> str:
    """Another database of the cluster."""
    return meishi_server.admin_url


def newest(host: Host) -> Tick:
    """Return the newest tick."""
    with host.within(DB_SCHEMA) as scope:
        return newest_tick(scope.work)


def read_from(host: Host, position: Position, *, until: int | None = None) -> list[StoredEvent]:
    """Return what lies behind a position, span by span."""
    reader, last = SpanReader(host.within, frozenset([TYPE])), newest(host).id
    found: list[StoredEvent] = []
    while (span := reader.read(position, last, until)) is not None:
        found += span.events
        position = span.end
    return found


def by_key(events: Iterable[tuple[str, UUID]]) -> dict[str, list[UUID]]:
    """Return the events of each key, in their order."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for key, event in events:
        found[key].append(event)
    return dict(found)


def keyed(events: Iterable[StoredEvent]) -> dict[str, list[UUID]]:
    """Return the events of each key, as they were read."""
    return by_key((event.key, event.id) for event in events)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_STEPS, most=st.sampled_from([1, 2, 3, 2_000]))
@example(steps=_ACROSS_TICKS, most=2_000)
@example(steps=_ACROSS_TICKS, most=1)
@example(steps=_BEHIND_THE_LAST, most=2_000)
@example(steps=_BEHIND_THE_LAST, most=1)
def test_every_committed_event_is_read_once_in_the_order_of_its_key(
    host: Host,
    database: Location,
    server_url: str,
    ticker: Ticker,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[Any],
    most: int,
) -> None:
    """However transactions overlap, from every tick on exactly the rest is read, in any pieces."""
    ticker.tick()
    monkeypatch.setattr(spans, "MOST", most)
    with Writers(database.administrator_url(), server_url) as writers:
        ticks = [(newest(host), 0)]
        for action, *values in [*steps, ("finish",), ("tick",)]:
            if action != "tick":
                getattr(writers, action)(*values)
                continue
            tick = ticker.tick()
            assert (tick is not None) == (len(writers.committed) > ticks[-1][1])
            if tick is not None:
                ticks.append((tick, len(writers.committed)))
    behind = {tick.id: read_from(host, Position.at(tick.id)) for tick, _ in ticks}
    for tick, shown in ticks:
        assert keyed(behind[tick.id]) == by_key(writers.committed[shown:])
        unseen = {event.pos for event in behind[tick.id]}
        assert all(pos > tick.low_pos for pos in unseen)
        positions = {event.pos for event in behind[ticks[0][0].id]}
        assert all(pos <= tick.last_pos for pos in positions - unseen)


def test_a_reader_that_stops_inside_a_span_goes_on_where_it_was(
    host: Host, database: Location, server_url: str, ticker: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From every position inside a long span, exactly what lies behind it is read."""
    ticker.tick()
    start = newest(host)
    with Writers(database.administrator_url(), server_url) as writers:
        writers.insert(0, "early")
        for number in range(20):
            writers.insert(1, str(number % 3))
        writers.commit(1)
        ticker.tick()
        writers.finish()
        ticker.tick()
    monkeypatch.setattr(spans, "MOST", 4)
    whole = read_from(host, Position.at(start.id))
    assert len(whole) == len(writers.committed) == 21
    reader, position, read = SpanReader(host.within, frozenset([TYPE])), Position.at(start.id), 0
    while (span := reader.read(position, newest(host).id)) is not None:
        for event in span.events:
            read += 1
            assert read_from(host, span.within(event.pos)) == whole[read:]
        position = span.end
    assert read == len(whole)


def test_spans_are_read_once_as_long_as_they_are_not_too_heavy(
    host: Host, database: Location, server_url: str, ticker: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same span is the same object until later ones take its room; none is never remembered."""
    ticker.tick()
    first = Position.at(newest(host).id)
    with Writers(database.administrator_url(), server_url) as writers:
        for _ in range(9):
            writers.insert(0, "a")
        writers.commit(0)
        ticker.tick()
    monkeypatch.setattr(spans, "MOST", 3)
    reader, last = SpanReader(host.within, frozenset([TYPE])), newest(host).id
    assert reader.read(Position.at(last), last + 1) is None
    whole = reader.read(first, last)
    assert whole is not None
    assert reader.read(first, last) is whole
    monkeypatch.setattr(spans, "MOST_CHARACTERS", whole.characters)
    following = reader.read(whole.end, last)
    assert following is not None
    assert reader.read(whole.end, last) is following
    assert reader.read(first, last) is not whole
    assert reader.read(first, last) == whole
    with Writers(database.administrator_url(), server_url) as writers:
        writers.insert(0, "a")
        writers.commit(0)
        ticker.tick()
    assert reader.read(Position.at(last), last + 1) is not None


def test_nothing_behind_a_barrier_is_read(
    host: Host, database: Location, server_url: str, ticker: Ticker
) -> None:
    """With a tick to stop at, a reader ends exactly there, even where spans are merged."""
    ticker.tick()
    start = newest(host)
    shown = []
    with Writers(database.administrator_url(), server_url) as writers:
        for number in range(6):
            writers.insert(0, str(number))
            writers.commit(0)
            tick = ticker.tick()
            assert tick is not None
            shown.append(tick.id)
    for number, until in enumerate(shown):
        assert len(read_from(host, Position.at(start.id), until=until)) == number + 1


def test_parallel_tickers_store_snapshots_in_their_order(
    host: Host, database: Location, server_url: str
) -> None:
    """With many tickers and writers, each tick shows all that the one before shows."""
    first = newest(host)
    done = threading.Event()
    stored: list[Tick] = []

    def tick() -> None:
        while not done.is_set():
            if found := Ticker(host.within).tick():
                stored.append(found)

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    with Writers(database.administrator_url(), server_url) as writers:
        for number in range(20_000):
            # A busy machine may write much before it ticks at all.
            if number >= 200 and len(stored) > 3:
                break
            writers.insert(number % 4, str(number % 4))
            if number % 3 == 0:
                writers.commit(number % 4)
        writers.finish()
    done.set()
    for thread in threads:
        thread.join()
    Ticker(host.within).tick()
    with psycopg.connect(database.administrator_url()) as admin:
        ordered = admin.execute(
            "SELECT bool_and(monotone), count(*) FROM (SELECT"
            " pg_snapshot_xmax(snap) >= pg_snapshot_xmax(lag(snap) OVER w)"
            " AND pg_snapshot_xmin(snap) >= pg_snapshot_xmin(lag(snap) OVER w)"
            " AND low_pos >= lag(low_pos) OVER w AND last_pos >= lag(last_pos) OVER w AS monotone"
            " FROM meishi_events.tick WHERE id > 1 WINDOW w AS (ORDER BY id)) AS pairs"
        ).fetchone()
    assert ordered is not None
    assert ordered[0]
    assert ordered[1] > 2
    assert keyed(read_from(host, Position.at(first.id))) == by_key(writers.committed)


def test_a_tick_rings_once_and_a_commit_never(
    host: Host, database: Location, bus: Bus, ticker: Ticker
) -> None:
    """Only ticks notify, once each; business transactions do not."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        for number in range(3):
            with host.scope(workspace=host.new_id(), plugin="crm_contacts"):
                bus.publish(*(ThingMade(thing=str(number)) for _ in range(5)))
        assert list(listening.notifies(timeout=0.2)) == []
        tick = ticker.tick()
        assert tick is not None
        assert ticker.tick() is None
        rung = [notice.payload for notice in listening.notifies(timeout=60, stop_after=1)]
        assert list(listening.notifies(timeout=0.2)) == []
    assert rung == [str(tick.id)]


def test_a_transaction_has_its_number_before_its_event_has_a_position(
    database: Location, server_url: str
) -> None:
    """A tick between the two would look for the event only behind its position, and lose it."""
    url = database.administrator_url()
    with (
        psycopg.connect(url) as holding,
        psycopg.connect(url, autocommit=True) as watching,
        Writers(url, server_url) as writers,
    ):
        holding.execute("ALTER SEQUENCE meishi_events.event_pos_seq NO CYCLE")
        inserting = threading.Thread(target=writers.insert, args=(0, "a"))
        inserting.start()
        waiting = None
        while waiting is None:
            waiting = watching.execute(
                "SELECT backend_xid IS NOT NULL FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
        holding.rollback()
        inserting.join()
    assert waiting == (True,)
