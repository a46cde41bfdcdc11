"""Partitions of the log: made ahead, never in the way of a commit, dropped when all have read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.events import partitions
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position
from meishi.events.retention import Dropped, drop_partition, thin_out
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.testing.sessions import WAITING

from .test_ticks import newest, read_from
from .writers import Writers

#: Events of a partition in these tests.
SIZE = 10


@pytest.fixture
def admin(database: Location) -> Iterator[psycopg.Connection[Any]]:
    """The administrator."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def patience() -> str:
    """How long those who write to the log wait for locks."""
    return "300ms"


@pytest.fixture
def writers(
    database: Location,
    meishi_server: EmbeddedPostgres,
    admin: psycopg.Connection[Any],
    patience: str,
) -> Iterator[Writers]:
    """Transactions that write to the log."""
    impatient(admin, patience)
    with Writers(database.administrator_url(), meishi_server.admin_url) as found:
        yield found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, admin: psycopg.Connection[Any]) -> None:
    """Make partitions small, and begin without one."""
    admin.execute("DROP TABLE meishi_events.event_1")
    monkeypatch.setattr(partitions, "SMALLEST", SIZE)
    monkeypatch.setattr(partitions, "LARGEST", SIZE)
    monkeypatch.setattr(partitions, "_MARGIN", 5)


def add(host: Host) -> str | None:
    """Make the next partition, if it is time."""
    with host.within(DB_SCHEMA) as scope:
        return partitions.add_partition(scope.work)[0]


def write(host: Host, writers: Writers, count: int) -> None:
    """Commit events, with a tick after each."""
    for number in range(count):
        writers.insert(0, str(number))
        writers.commit(0)
        Ticker(host.within).tick()


def places(admin: psycopg.Connection[Any]) -> list[tuple[str, int, int]]:
    """Return for each partition that holds events the first and the last position."""
    return admin.execute(
        "SELECT tableoid::regclass::text, min(pos), max(pos) FROM meishi_events.event"
        " GROUP BY 1 ORDER BY 2"
    ).fetchall()


def impatient(admin: psycopg.Connection[Any], limit: str) -> None:
    """Let whoever connects from now on wait no longer for a lock."""
    name = sql.Identifier(admin.info.dbname)
    admin.execute(sql.SQL("ALTER DATABASE {} SET lock_timeout = {}").format(name, limit))


def test_partitions_are_made_before_they_are_needed(
    host: Host, admin: psycopg.Connection[Any], writers: Writers
) -> None:
    """A new one is made when the last is half full, and never two."""
    made = []
    for _ in range(30):
        made.append(add(host))
        write(host, writers, 1)
    assert [name for name in made if name] == [f"event_{start}" for start in (1, 11, 21, 31)]
    assert [name for name, _, _ in places(admin)] == [
        f"meishi_events.event_{start}" for start in (1, 11, 21)
    ]


def test_no_commit_fails_for_want_of_a_partition(
    host: Host, admin: psycopg.Connection[Any], writers: Writers
) -> None:
    """What finds no partition is kept nevertheless; the next partition begins behind it."""
    start = newest(host)
    add(host)
    write(host, writers, 14)
    assert add(host) == "event_19"
    write(host, writers, 10)
    assert places(admin) == [
        ("meishi_events.event_1", 1, 10),
        ("meishi_events.event_default", 11, 18),
        ("meishi_events.event_19", 19, 24),
    ]
    assert len(read_from(host, Position.at(start.id))) == 24


def test_a_read_touches_the_partitions_that_it_needs(
    host: Host, admin: psycopg.Connection[Any], database: Location, writers: Writers
) -> None:
    """An old partition that somebody has locked for himself keeps nobody from reading new ones."""
    for _ in range(30):
        add(host)
        write(host, writers, 1)
    start = newest(host)
    write(host, writers, 3)
    with psycopg.connect(database.administrator_url()) as other:
        other.execute("LOCK TABLE meishi_events.event_1, meishi_events.event_default")
        for _ in range(12):
            assert len(read_from(host, Position.at(start.id))) == 3


def test_a_new_partition_is_in_nobodys_way(
    host: Host, admin: psycopg.Connection[Any], database: Location, writers: Writers
) -> None:
    """Writers need not wait while one is added, nor does that wait for writers."""
    add(host)
    write(host, writers, 6)
    writers.insert(1, "open")
    with psycopg.connect(database.administrator_url()) as adding:
        adding.execute("SET lock_timeout = '300ms'")
        adding.execute("SELECT meishi_events.add_partition(11, 21)")
        for number in range(2):
            writers.insert(2, str(number))
            writers.commit(2)
        adding.commit()
    writers.finish()
    assert [name for name, _, _ in places(admin)] == ["meishi_events.event_1"]


@pytest.mark.parametrize("patience", ["60s"])
def test_what_is_published_while_the_first_partition_is_added_is_kept(
    admin: psycopg.Connection[Any], database: Location, writers: Writers
) -> None:
    """A writer waits for the new partition, and its commit does not fail for it."""
    with (
        psycopg.connect(database.administrator_url()) as adding,
        ThreadPoolExecutor(1) as beside,
    ):
        adding.execute("SELECT meishi_events.add_partition(1, 11)")
        writing = beside.submit(writers.insert, 1, "meanwhile")
        while admin.execute(WAITING).fetchone() == (0,):
            assert not writing.done()
        adding.commit()
        writing.result()
    writers.commit(1)
    assert [name for name, _, _ in places(admin)] == ["meishi_events.event_1"]


def subscribe(admin: psycopg.Connection[Any], name: str, tick: int) -> None:
    """Let a subscription stand at a tick."""
    admin.execute(
        "INSERT INTO meishi_events.subscription (name, plugin, types, slots, state)"
        " VALUES (%s, 'shop', '{}', 1, 'paused')",
        [name],
    )
    admin.execute("INSERT INTO meishi_events.cursor (subscription, slot) VALUES (%s, 0)", [name])
    admin.execute(
        "INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)"
        " VALUES (%s, 0, 1, %s, %s, 0)",
        [name, tick, tick],
    )


def age(admin: psycopg.Connection[Any], days: int) -> None:
    """Let all ticks be so much older."""
    admin.execute("UPDATE meishi_events.tick SET at = at - make_interval(days => %s)", [days])


def drop(host: Host) -> Dropped | None:
    """Drop a partition, if the time has come: after 30 days, or 90 at most."""
    with host.within(DB_SCHEMA) as scope:
        return drop_partition(scope.work, days=30, cap_days=90)


@pytest.fixture
def filled(host: Host, writers: Writers) -> list[int]:
    """Three partitions and a half; return the tick after each event."""
    ticks = [newest(host).id]
    for _ in range(35):
        add(host)
        write(host, writers, 1)
        ticks.append(newest(host).id)
    return ticks


def test_what_is_old_and_read_by_all_is_dropped(
    host: Host, admin: psycopg.Connection[Any], filled: list[int]
) -> None:
    """Neither age alone nor having been read is enough; a cursor inside a partition holds it."""
    subscribe(admin, "shop.main", filled[14])
    assert drop(host) is None
    age(admin, 31)
    assert drop(host) == Dropped("event_1", ())
    assert drop(host) is None
    assert len(read_from(host, Position.at(filled[14]))) == 35 - 14
    assert places(admin)[0] == ("meishi_events.event_11", 11, 20)


def test_a_subscription_that_stands_too_long_loses_only_what_was_dropped(
    host: Host, admin: psycopg.Connection[Any], filled: list[int]
) -> None:
    """Beyond the cap it is moved on, with a decision that says so; all that is left is read."""
    subscribe(admin, "shop.main", filled[3])
    subscribe(admin, "shop.quick", filled[30])
    age(admin, 91)
    with host.within(DB_SCHEMA) as scope:
        thin_out(scope.work)
    assert drop(host) == Dropped("event_1", ("shop.main",))
    positions = dict(
        admin.execute(
            "SELECT DISTINCT ON (subscription) subscription, tick FROM meishi_events.progress"
            " ORDER BY subscription, seq DESC"
        )
    )
    left = [event.pos for event in read_from(host, Position.at(positions["shop.main"]))]
    assert left == list(range(11, 36))
    assert positions["shop.quick"] == filled[30]
    decided = admin.execute("SELECT subscription, action, reason FROM meishi_events.decision")
    ((name, action, reason),) = decided.fetchall()
    assert (name, action) == ("shop.main", "expire")
    assert "before position 11" in reason
    fences = admin.execute("SELECT subscription, fence FROM meishi_events.cursor ORDER BY 1")
    assert fences.fetchall() == [("shop.main", 1), ("shop.quick", 0)]


def test_a_drop_that_would_have_to_wait_gives_up(
    host: Host, admin: psycopg.Connection[Any], database: Location, filled: list[int]
) -> None:
    """While somebody reads the oldest partition, it stays, and nobody is held up for long."""
    age(admin, 31)
    with psycopg.connect(database.administrator_url()) as reading:
        reading.execute("SELECT FROM meishi_events.event_1")
        with pytest.raises(DBAPIError, match="lock timeout"):
            drop(host)
    assert len(read_from(host, Position.at(filled[0]))) == 35
    assert drop(host) == Dropped("event_1", ())


def test_thinning_keeps_every_tick_at_which_somebody_stands(
    host: Host, admin: psycopg.Connection[Any], filled: list[int]
) -> None:
    """Old ticks go, but for one now and then; a position, a barrier and what is recent stay."""
    subscribe(admin, "shop.main", filled[5])
    admin.execute(
        "UPDATE meishi_events.progress SET upto = %s, pos = 1 WHERE subscription = 'shop.main'",
        [filled[9]],
    )
    subscribe(admin, "shop.other", filled[7])
    admin.execute("UPDATE meishi_events.subscription SET barrier = %s", [filled[12]])
    admin.execute(
        "UPDATE meishi_events.tick SET at = now() - interval '2 h' WHERE id <= %s",
        [filled[30]],
    )
    with host.within(DB_SCHEMA) as scope:
        thin_out(scope.work)
    kept = [row[0] for row in admin.execute("SELECT id FROM meishi_events.tick ORDER BY id")]
    assert kept == [1, *(filled[number] for number in (5, 7, 9, 12, 30, 31, 32, 33, 34, 35))]
    assert len(read_from(host, Position.at(filled[7]))) == 35 - 7


def test_thinning_leaves_those_ticks_that_a_worker_may_be_going_to(
    host: Host, admin: psycopg.Connection[Any], filled: list[int]
) -> None:
    """Behind the stored position of a leased cursor, its worker may be anywhere."""
    subscribe(admin, "shop.main", filled[20])
    admin.execute("UPDATE meishi_events.cursor SET owner = gen_random_uuid()")
    age(admin, 1)
    with host.within(DB_SCHEMA) as scope:
        thin_out(scope.work)
    kept = {row[0] for row in admin.execute("SELECT id FROM meishi_events.tick")}
    assert kept.issuperset(filled[20:])
    assert len(kept) < 20


@pytest.mark.parametrize(("state", "goes"), [("open", True), ("draining", False)])
def test_thinning_goes_on_beside_a_workspace_that_is_paused(
    host: Host, admin: psycopg.Connection[Any], filled: list[int], state: str, goes: bool
) -> None:
    """Its own place stays, and nobody goes on from it; one that catches up may be anywhere."""
    subscribe(admin, "shop.main", filled[30])
    admin.execute("UPDATE meishi_events.cursor SET owner = gen_random_uuid()")
    admin.execute(
        "INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos)"
        " VALUES ('shop.main', 0, gen_random_uuid(), %s, %s, %s, 0)",
        [state, filled[2], filled[2]],
    )
    admin.execute(
        "UPDATE meishi_events.tick SET at = now() - interval '2 h' WHERE id <= %s",
        [filled[25]],
    )
    with host.within(DB_SCHEMA) as scope:
        thin_out(scope.work)
    kept = {row[0] for row in admin.execute("SELECT id FROM meishi_events.tick")}
    assert kept.issuperset([filled[2], *filled[25:]])
    assert kept.isdisjoint(filled[3:25]) == goes


def test_thinning_takes_no_tick_away_from_under_somebody_who_moves(
    host: Host, admin: psycopg.Connection[Any], database: Location, filled: list[int]
) -> None:
    """Whoever brings a cursor to an old tick has locked it; thinning waits, and then gives up."""
    subscribe(admin, "shop.main", filled[20])
    age(admin, 1)
    with psycopg.connect(database.administrator_url()) as moving:
        moving.execute("SELECT FROM meishi_events.cursor FOR UPDATE")
        with (
            pytest.raises(DBAPIError, match="lock timeout"),
            host.within(DB_SCHEMA) as scope,
        ):
            thin_out(scope.work)
    assert admin.execute("SELECT count(*) FROM meishi_events.tick").fetchone() == (36,)
