"""Replay: handlers that build up again what they had publish nothing until they are through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import pytest

from meishi.declarations import ReplayPolicy
from meishi.events.log import DB_SCHEMA
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.replays import Replays
from meishi.sdk.context import publish
from meishi.sdk.database import execute
from meishi.testing.events import EventDeliveries, PublishedEvents

from .conftest import Market
from .hands import NAME, Hand
from .traders import booked, keeping, sold, write

#: A sale of a transaction that takes its time.
_LATE = """
    INSERT INTO meishi_events.event
        (id, source, type, version, workspace_id, subject, key, slot, trace, data)
    VALUES (%s, 'bazaar', 'bazaar.sold.v1', 1, %s, 'late', 'late', 0,
            '{"actor": null, "correlation": "00000000-0000-0000-0000-000000000001",
              "causation": null}',
            '{"thing": "late", "number": 0}')
"""

Act = Callable[[str, Sequence[Any]], None]


def keep(book: str, events: Sequence[Any]) -> None:
    """Keep the book, and tell of it."""
    write(book, events)
    publish(*(booked(event.thing, event.number) for event in events))


def told(market: Market) -> list[int]:
    """Return of which entries it was told."""
    published = PublishedEvents(market.host).entries()
    return [item.event.number for item in published if item.source == "scribe"]  # type: ignore[attr-defined]


def refusing(*numbers: int) -> Act:
    """Return what keeps the book, but for some numbers."""

    def refuse(book: str, events: Sequence[Any]) -> None:
        if any(event.number in numbers for event in events):
            raise ValueError("not today")
        keep(book, events)

    return refuse


def rebuilding(market: Market) -> Hand:
    """Return a worker of a subscription that may be rebuilt."""
    reset = partial(execute, "DELETE FROM scribe.entry")
    return Hand(market.host, replay=ReplayPolicy.REBUILD, reset=reset)


def replay(market: Market, hand: Hand, since: datetime | None = None) -> None:
    """Replay, as an operator does."""
    with market.host.scope(plugin=DB_SCHEMA):
        Replays([hand.subscriber]).replay(NAME, since, Verdict(by="me", reason="a test"))


def rewind(market: Market) -> None:
    """Let the cursor stand at the beginning again, and everything so far be a replay."""
    market.rows("DELETE FROM scribe.entry RETURNING 1")
    market.rows(
        "INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)"
        " SELECT subscription, slot, max(seq) + 1, 1, 1, 0 FROM meishi_events.progress"
        " GROUP BY 1, 2 RETURNING 1"
    )
    market.rows(
        "UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL, lease_until = NULL,"
        " replay_pos = (SELECT max(pos) FROM meishi_events.event WHERE source = 'bazaar')"
        " RETURNING 1"
    )


def test_a_rebuild_publishes_nothing_that_was_published_before(
    market: Market, deliver: EventDeliveries
) -> None:
    """Up to the position of the replay all is silent, and from the next event on it is not."""
    assert deliver is not None
    hand = Hand(market.host, replay=ReplayPolicy.REBUILD)
    with keeping(keep):
        market.publish(*(sold("tea", number) for number in range(40)))
        hand.work()
        assert told(market) == list(range(40))
        rewind(market)
        market.publish(*(sold("tea", number) for number in range(40, 50)))
        hand.work()
    assert market.book() == [("tea", number) for number in range(50)]
    assert told(market) == list(range(50))


def test_a_rebuild_publishes_about_what_had_not_been_delivered(
    market: Market, deliver: EventDeliveries
) -> None:
    """What was parked, and what was not committed yet, comes for the first time: it is told."""
    assert deliver is not None
    hand = rebuilding(market)
    with psycopg.connect(market.location.administrator_url()) as slow:
        slow.execute(_LATE, [market.host.new_id(), market.workspace.id])
        market.publish(*(sold(f"tea {number}", number) for number in range(1, 5)))
        with keeping(refusing(2)):
            hand.work()
        assert told(market) == [1, 3, 4]
        replay(market, hand)
    with keeping(keep):
        hand.work()
    assert sorted(market.book()) == [("late", 0), *((f"tea {n}", n) for n in range(1, 5))]
    assert sorted(told(market)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("refused", [((2,), (), ()), ((), (2,), ()), ((2,), (2,), (), (1,), ())])
def test_no_row_of_rebuilds_publishes_anything_twice(
    market: Market, deliver: EventDeliveries, refused: Sequence[Sequence[int]]
) -> None:
    """Whether an event failed before a rebuild or in one, it is told of exactly once."""
    assert deliver is not None
    hand = rebuilding(market)
    market.publish(*(sold(f"tea {number}", number) for number in range(1, 5)))
    for numbers in refused:
        with keeping(refusing(*numbers)):
            hand.work()
        replay(market, hand)
    with keeping(keep):
        hand.work()
    assert sorted(market.book()) == [(f"tea {number}", number) for number in range(1, 5)]
    assert sorted(told(market)) == [1, 2, 3, 4]


def test_what_a_rebuild_has_parked_is_told_of_once_though_its_slots_change(
    market: Market, deliver: EventDeliveries
) -> None:
    """One event failed before the rebuild, another one in it: only the first is told of after."""
    assert deliver is not None
    hand = rebuilding(market)
    market.publish(*(sold(f"tea {number}", number) for number in range(1, 5)))
    with keeping(refusing(2)):
        hand.work()
    replay(market, hand)
    with keeping(refusing(2, 3)):
        hand.work()
    assert told(market) == [1, 3, 4]
    reset = hand.subscriber.declared.reset
    more = Hand(market.host, replay=ReplayPolicy.REBUILD, reset=reset, slots=2)
    more.register()
    with keeping(keep):
        hand.work()
        assert more.book.respread(more.subscriber)
        market.rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() RETURNING 1")
        more.work()
        market.publish(sold("tea 5", 5))
        more.work()
    assert sorted(number for _, number in market.book()) == [1, 2, 3, 4, 5]
    assert told(market) == [1, 3, 4, 2, 5]


def test_what_was_parked_before_a_rebuild_begins_is_told_of_in_the_end(
    market: Market, deliver: EventDeliveries
) -> None:
    """An event that lies before the replayed ones and was never delivered comes as a new one."""
    assert deliver is not None
    hand = rebuilding(market)
    market.publish(*(sold(f"tea {number}", number) for number in range(1, 4)))
    with keeping(refusing(2)):
        hand.work()
    market.rows("UPDATE meishi_events.parked SET next_at = next_at + interval '1 hour' RETURNING 1")
    (since,) = market.rows("SELECT clock_timestamp()")[0]
    market.publish(*(sold(f"tea {number}", number) for number in range(4, 6)))
    with keeping(keep):
        hand.work()
        replay(market, hand, since)
        hand.work()
        assert told(market) == [1, 3, 4, 5]
        market.rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() RETURNING 1")
        hand.work()
    assert told(market) == [1, 3, 4, 5, 2]


def test_a_rebuild_that_begins_within_a_span_knows_what_was_delivered(
    market: Market, deliver: EventDeliveries
) -> None:
    """Events of slow transactions stand low and come late: of two, only one had been delivered."""
    assert deliver is not None
    hand = rebuilding(market)
    url = market.location.administrator_url()
    with psycopg.connect(url) as early, psycopg.connect(url) as late, keeping(keep):
        early.execute(_LATE.replace("0}", "10}"), [market.host.new_id(), market.workspace.id])
        market.publish(*(sold(f"tea {number}", number) for number in range(1, 4)))
        late.execute(_LATE.replace("0}", "20}"), [market.host.new_id(), market.workspace.id])
        market.publish(*(sold(f"tea {number}", number) for number in range(4, 7)))
        hand.work()
        early.commit()
        late.commit()
        (turn,) = hand.claim()
        turn.size = 1
        hand.step(turn)
        assert told(market) == [1, 2, 3, 4, 5, 6, 10]
        replay(market, hand)
        hand.work()
    assert sorted(told(market)) == [1, 2, 3, 4, 5, 6, 10, 20]


def test_what_may_come_twice_publishes_twice(market: Market, deliver: EventDeliveries) -> None:
    """Only a rebuild is silent: handlers that cope with repetition are left to it."""
    assert deliver is not None
    hand = Hand(market.host, replay=ReplayPolicy.IDEMPOTENT)
    with keeping(keep):
        market.publish(*(sold("tea", number) for number in range(3)))
        hand.work()
        rewind(market)
        hand.work()
    assert told(market) == [0, 1, 2, 0, 1, 2]
