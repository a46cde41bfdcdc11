"""Reading the feed from place to place: exact, however transactions overlap and ticks go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meishi.clock import utc_now
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.events.feed import reading
from meishi.events.feed.errors import CursorExpired
from meishi.events.feed.places import FeedPlace
from meishi.events.feed.reading import FeedPage, newest_place, oldest_place, read_feed
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Snapshot, Tick
from meishi.events.spans import StoredEvent, Wanted
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.sdk.contract import InvalidCursor

from .test_ticks import by_key, keyed
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
        st.tuples(st.just("tick")),
        st.tuples(st.just("tick")),
        st.tuples(st.just("read")),
        st.tuples(st.just("thin")),
    ),
    min_size=15,
    max_size=60,
)

#: A transaction that runs beyond several ticks ends when those are thinned out.
_ACROSS_TICKS = [
    ("insert", 0, "a"),
    *[("insert", 1, "b"), ("commit", 1), ("tick",), ("read",)] * 3,
    *[("thin",), ("commit", 0), ("tick",), ("thin",)],
]

#: A reader stops inside of a span, and finds neither of its ticks again.
_INSIDE_A_SPAN = [
    ("insert", 0, "a"),
    *[("insert", 1, key) for key in "abc"],
    *[("commit", 1), ("tick",), ("read",), ("commit", 0), ("tick",), ("thin",)],
]


@pytest.fixture
def ticker(host: Host) -> Ticker:
    """A ticker of the database under test."""
    return Ticker(host.within)


@pytest.fixture
def admin(database: Location) -> Iterator[psycopg.Connection[Any]]:
    """The administrator."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as connection:
        yield connection


def read(host: Host, place: FeedPlace, limit: int = 200) -> FeedPage:
    """Return a page behind a place, which was written down and read again meanwhile."""
    carried = FeedPlace.decode(place.encode())
    with host.within(DB_SCHEMA) as scope:
        return read_feed(scope.work, carried, Wanted([TYPE], most=limit))


def read_all(host: Host, place: FeedPlace, limit: int = 200) -> list[StoredEvent]:
    """Return all events behind a place, page by page."""
    found: list[StoredEvent] = []
    while True:
        page = read(host, place, limit)
        found += page.events
        place = page.place
        if not page.more:
            return found


def newest(host: Host) -> FeedPlace:
    """Return the newest place."""
    with host.within(DB_SCHEMA) as scope:
        return newest_place(scope.work)


def oldest(host: Host) -> FeedPlace:
    """Return the oldest place."""
    with host.within(DB_SCHEMA) as scope:
        return oldest_place(scope.work)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_STEPS, limit=st.sampled_from([1, 2, 3, 200]))
@example(steps=_ACROSS_TICKS, limit=200)
@example(steps=_ACROSS_TICKS, limit=1)
@example(steps=_INSIDE_A_SPAN, limit=1)
@example(steps=_INSIDE_A_SPAN, limit=2)
def test_the_feed_has_every_committed_event_once_in_the_order_of_its_key(
    host: Host,
    database: Location,
    meishi_server: EmbeddedPostgres,
    ticker: Ticker,
    admin: psycopg.Connection[Any],
    steps: list[Any],
    limit: int,
) -> None:
    """A reader that comes back now and then misses nothing, though all ticks but one are gone."""
    ticker.tick()
    place, found = newest(host), list[StoredEvent]()
    with Writers(database.administrator_url(), meishi_server.admin_url) as writers:
        for action, *values in [*steps, ("finish",), ("tick",)]:
            if action == "tick":
                ticker.tick()
            elif action == "thin":
                admin.execute(
                    "DELETE FROM meishi_events.tick WHERE id < (SELECT max(id) FROM"
                    " meishi_events.tick)"
                )
            elif action == "read":
                page = read(host, place, limit)
                found += page.events
                place = page.place
            else:
                getattr(writers, action)(*values)
    found += read_all(host, place, limit)
    assert keyed(found) == by_key(writers.committed)
    assert len({event.pos for event in found}) == len(found)


def test_a_quiet_workspace_is_read_past_busy_ones_in_bounded_steps(
    host: Host,
    database: Location,
    meishi_server: EmbeddedPostgres,
    ticker: Ticker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page may be empty while there is more; its place has moved on all the same."""
    ticker.tick()
    start = newest(host)
    with Writers(database.administrator_url(), meishi_server.admin_url) as writers:
        for number in range(6):
            writers.insert(0, str(number))
            writers.commit(0)
            ticker.tick()
    monkeypatch.setattr(reading, "WINDOW", 1)
    monkeypatch.setattr(reading, "WINDOWS", 2)
    quiet = Wanted([TYPE], workspace=host.new_id(), most=10)
    place, more, steps = start, True, 0
    while more:
        with host.within(DB_SCHEMA) as scope:
            page = read_feed(scope.work, place, quiet)
        assert page.events == ()
        assert page.place != place
        place, more, steps = page.place, page.more, steps + 1
    assert steps == 3
    assert len(read_all(host, start)) == 6


def test_a_place_is_written_down_exactly(host: Host) -> None:
    """Running transactions far apart, and none at all, come back as they were."""
    for text in ("7:7:", "5:90000000000:5,700,89999999999"):
        tick = Tick(3, 1, Snapshot(text), utc_now(), 10, 20, 30)
        for place in (FeedPlace(tick), FeedPlace(tick, tick, 25)):
            carried = FeedPlace.decode(place.encode())
            assert carried.first.snapshot.text == text
            assert carried.first.low_pos == 20
            assert (carried.last is None, carried.pos) == (place.last is None, place.pos)
    with pytest.raises(InvalidCursor):
        FeedPlace.decode(b"\x93\x01\x02\x03")


def test_a_place_behind_what_was_dropped_is_expired(
    host: Host,
    database: Location,
    meishi_server: EmbeddedPostgres,
    ticker: Ticker,
    admin: psycopg.Connection[Any],
) -> None:
    """Whoever may have missed something is told so; whoever has seen all that is gone goes on."""
    with Writers(database.administrator_url(), meishi_server.admin_url) as writers:
        writers.insert(0, "early")
        before = oldest(host)
        writers.commit(0)
        ticker.tick()
        seen = newest(host)
        admin.execute("SELECT meishi_events.add_partition(10001, 20001)")
        admin.execute("SELECT setval('meishi_events.event_pos_seq', 10000)")
        writers.insert(0, "late")
        writers.commit(0)
        ticker.tick()
        assert [event.key for event in read_all(host, before)] == ["early", "late"]
        assert [event.key for event in read_all(host, seen)] == ["late"]
        between = newest(host)
        admin.execute("SELECT meishi_events.drop_partition('event_1', 10001)")
        admin.execute("DELETE FROM meishi_events.tick WHERE id < %s", [between.first.id])
        for place in (before, seen):
            with pytest.raises(CursorExpired):
                read(host, place)
        writers.insert(0, "later")
        writers.commit(0)
        ticker.tick()
    assert [event.key for event in read_all(host, between)] == ["later"]
    assert [event.key for event in read_all(host, oldest(host))] == ["late", "later"]


def test_a_place_that_an_older_copy_of_the_log_does_not_know_is_expired(
    host: Host,
    database: Location,
    meishi_server: EmbeddedPostgres,
    ticker: Ticker,
    admin: psycopg.Connection[Any],
) -> None:
    """After a restore a cursor from the future, or of another past, is not followed in silence."""
    ticker.tick()
    with Writers(database.administrator_url(), meishi_server.admin_url) as writers:
        for _ in range(2):
            writers.insert(0, "a")
            writers.commit(0)
            ticker.tick()
    place = newest(host)
    admin.execute("DELETE FROM meishi_events.tick WHERE id = %s", [place.first.id])
    with pytest.raises(CursorExpired):
        read(host, place)
    admin.execute(
        "INSERT INTO meishi_events.tick (id, epoch, snap, before_pos, low_pos, last_pos)"
        " OVERRIDING SYSTEM VALUE SELECT n, epoch, pg_current_snapshot(), 0, 0, 2"
        " FROM meishi_events.tick, (VALUES (%s), (%s + 1)) AS new (n) WHERE id = 1",
        [place.first.id, place.first.id],
    )
    with pytest.raises(CursorExpired):
        read(host, place)
