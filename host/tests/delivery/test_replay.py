"""Replay: handlers that build up again what they had publish nothing until they are through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meishi.declarations import ReplayPolicy
from meishi.sdk.context import publish
from meishi.testing.events import EventDeliveries, PublishedEvents

from .conftest import Market
from .hands import Hand
from .traders import booked, keeping, sold, write


def keep(book: str, events: Sequence[Any]) -> None:
    """Keep the book, and tell of it."""
    write(book, events)
    publish(*(booked(event.thing, event.number) for event in events))


def told(market: Market) -> list[int]:
    """Return of which entries it was told."""
    published = PublishedEvents(market.host).entries()
    return [item.event.number for item in published if item.source == "clerk"]  # type: ignore[attr-defined]


def rewind(market: Market) -> None:
    """Let the cursor stand at the beginning again, and everything so far be a replay."""
    market.rows("DELETE FROM clerk.entry RETURNING 1")
    market.rows(
        "INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)"
        " SELECT subscription, slot, max(seq) + 1, 1, 1, 0 FROM meishi_events.progress"
        " GROUP BY 1, 2 RETURNING 1"
    )
    market.rows(
        "UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL, lease_until = NULL,"
        " replay_pos = (SELECT max(pos) FROM meishi_events.event WHERE source = 'shop') RETURNING 1"
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
