"""Epochs: a log that was restored into another cluster is read on as if nothing had happened."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.events import spans
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position
from meishi.events.retention import thin_out
from meishi.events.spans import SpanReader
from meishi.events.ticks import Ticker
from meishi.host import Host

from .test_ticks import by_key, keyed, newest, read_from
from .writers import TYPE, Writers

#: Everything that stood in the log stems from transactions of another cluster.
_MOVED = """
    UPDATE meishi_events.epoch SET system_identifier = 'elsewhere';
    UPDATE meishi_events.event SET xid = ({xid})::text::xid8;
    UPDATE meishi_events.tick SET snap = (
        SELECT format('%s:%s:%s', {xmin}, {xmax}, string_agg(({running})::text, ','))
        FROM (SELECT 1) AS one LEFT JOIN pg_snapshot_xip(snap) AS x ON true)::pg_snapshot
    WHERE id > 1
"""


def restore(admin: psycopg.Connection[Any], *, older: bool) -> None:
    """Make the log one of another cluster, whose transactions had much larger, or small numbers."""
    (least,) = admin.execute(
        "SELECT min(pg_snapshot_xmin(snap)::text::bigint) FROM meishi_events.tick WHERE id > 1"
    ).fetchone() or (0,)
    move = f"+ {10**12}" if older else f"- {least - 3}"

    def moved(value: str) -> str:
        return f"{value}::text::bigint {move}"

    statement = _MOVED.format(
        xid=moved("xid"),
        xmin=moved("pg_snapshot_xmin(snap)"),
        xmax=moved("pg_snapshot_xmax(snap)"),
        running=moved("x"),
    )
    admin.execute(statement.encode())


@pytest.mark.parametrize("older", [True, False])
def test_a_restored_log_is_read_on_from_every_position(
    host: Host,
    database: Location,
    meishi_server: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    *,
    older: bool,
) -> None:
    """Closed or amid a span, a position has the same behind it as before, and what is new."""
    ticker = Ticker(host.within)
    monkeypatch.setattr(spans, "MOST", 3)
    url = database.administrator_url()
    with (
        psycopg.connect(url, autocommit=True) as admin,
        Writers(url, meishi_server.admin_url) as writers,
    ):
        ticks = [newest(host)]
        for number in range(4):
            writers.begin(0)
            writers.insert(1, "early")
            for key in "abcd":
                writers.insert(2, key)
            writers.commit(2)
            if number != 1:
                writers.commit(1)
            tick = ticker.tick()
            assert tick is not None
            ticks.append(tick)
        writers.finish()
        writers.insert(3, "unseen")
        writers.commit(3)
        places = [Position.at(tick.id) for tick in ticks]
        reader = SpanReader(host.within, frozenset([TYPE]))
        for tick in ticks[:-1]:
            span = reader.read(Position.at(tick.id), ticks[-1].id)
            assert span is not None
            places += [span.within(event.pos) for event in span.events]
        ticks.append(ticker.tick() or ticks[-1])
        expected = {place: [event.id for event in read_from(host, place)] for place in places}
        admin.execute("DELETE FROM meishi_events.tick WHERE id = %s", [ticks[-1].id])

        restore(admin, older=older)
        writers.insert(0, "new")
        writers.commit(0)
        assert ticker.begin_epoch()
        assert not ticker.begin_epoch()
        for number in range(5):
            writers.insert(0, f"new {number % 2}")
            writers.commit(0)
            ticker.tick()
        new = [event for key, event in writers.committed if key.startswith("new")]
        for place in places:
            behind = read_from(host, place)
            assert sorted(event.id for event in behind) == sorted([*expected[place], *new])
        whole = read_from(host, places[0])
        assert keyed(whole) == by_key(writers.committed)


def test_a_position_of_the_old_epoch_outlives_the_thinning_of_ticks(
    host: Host, database: Location, meishi_server: EmbeddedPostgres
) -> None:
    """The first tick of an epoch stays: no other shows exactly what stood there before."""
    ticker = Ticker(host.within)
    url = database.administrator_url()
    with (
        psycopg.connect(url, autocommit=True) as admin,
        Writers(url, meishi_server.admin_url) as writers,
    ):
        for _ in range(2):
            writers.insert(0, "a")
            writers.commit(0)
            ticker.tick()
        start = Position.at(newest(host).id)
        writers.insert(0, "a")
        writers.commit(0)
        restore(admin, older=True)
        assert ticker.begin_epoch()
        writers.insert(1, "b")
        for _ in range(5):
            writers.insert(0, "a")
            writers.commit(0)
            ticker.tick()
        admin.execute("UPDATE meishi_events.tick SET at = date_trunc('hour', at) - interval '2 h'")
        with host.within(DB_SCHEMA) as scope:
            thin_out(scope.work)
        writers.commit(1)
        ticker.tick()
        read = [event.id for event in read_from(host, start)]
        expected = [event for _, event in writers.committed[2:]]
        assert sorted(read) == sorted(expected)
