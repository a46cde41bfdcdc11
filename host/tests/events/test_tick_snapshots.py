"""Ticks: what they show, and that nothing which they do not show is passed over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from meishi.database.location import Location
from meishi.events.positions import Position, Tick
from meishi.events.spans import SpanReader
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.sessions import WAITING

from .conftest import Bus, ThingMade

Connection = psycopg.Connection[Any]

_INSERT = """
    INSERT INTO meishi_events.event
        (xid, id, source, type, version, subject, key, slot, trace, data)
    VALUES (pg_current_xact_id(), uuidv7(), 'crm_contacts', 'thing.made.v2', 2, %(key)s, %(key)s,
            0, '{}', '{}')
"""

#: Waits after a position was drawn and before the transaction has a number, if that may be.
_SLOW = """
    CREATE FUNCTION public.slow_xid() RETURNS xid8 LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(1);
        RETURN pg_current_xact_id();
    END $$;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    ALTER TABLE meishi_events.event ALTER COLUMN xid SET DEFAULT public.slow_xid();
"""


@contextmanager
def writer(database: Location) -> Iterator[Connection]:
    """Lend a connection in whose transaction there is a number, and nothing written yet."""
    with psycopg.connect(database.administrator_url()) as connection:
        connection.execute("SELECT pg_current_xact_id()")
        yield connection


def add(connection: Connection, key: str) -> None:
    """Add an event in the transaction that is open."""
    connection.execute(_INSERT, {"key": key})


def stored(tick: Tick | None) -> Tick:
    """Return a tick, which there must be."""
    assert tick is not None
    return tick


def between(host: Host, first: Tick, last: Tick) -> list[str]:
    """Return the keys of the events between two ticks."""
    reader = SpanReader(host.within, frozenset({"thing.made.v2"}))
    span = reader.read(Position.at(first.id), last.id)
    assert span is not None
    return [event.key for event in span.events]


@pytest.mark.parametrize("ticks", [1, 2])
def test_who_has_drawn_a_position_at_a_tick_is_shown_by_a_later_one(
    host: Host, database: Location, ticks: int
) -> None:
    """Also the newest transaction of all, which the server's snapshot does not name as running."""
    ticker = Ticker(host.within)
    with writer(database) as older, writer(database) as newest:
        add(newest, "late")
        for number in range(ticks):
            with older if number == 0 else writer(database) as other:
                add(other, f"early {number}")
                other.commit()
            before = stored(ticker.tick())
        newest.commit()
    assert between(host, before, stored(ticker.tick())) == ["late"]


def test_a_transaction_that_only_publishes_has_its_number_before_a_position(
    host: Host, database: Location, workspace: WorkspaceUnderTest, bus: Bus
) -> None:
    """Else a tick would take it for one that began when its position was drawn already."""
    ticker = Ticker(host.within)

    def publish() -> None:
        with workspace.acting_as("crm_contacts"):
            bus.publish(ThingMade(thing="late"))

    with (
        psycopg.connect(database.administrator_url(), autocommit=True) as administrator,
        writer(database) as other,
    ):
        # The sequence gives a transaction its number too, but only once in 32 times.
        administrator.execute("SELECT nextval('meishi_events.event_pos_seq')")
        administrator.execute(_SLOW)
        administrator.execute("SELECT pg_advisory_lock(1)")
        publisher = threading.Thread(target=publish)
        publisher.start()
        while administrator.execute(WAITING).fetchone() != (1,):
            assert publisher.is_alive()
        add(other, "early")
        other.commit()
        before = stored(ticker.tick())
        administrator.execute("SELECT pg_advisory_unlock(1)")
        publisher.join()
    assert between(host, before, stored(ticker.tick())) == ["late"]
