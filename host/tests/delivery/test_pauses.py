"""Pauses of a workspace, and changes of slots, while events flow."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from meishi.declarations import RetryPolicy
from meishi.events.cursor import LeaseLost

from .conftest import Market
from .hands import Hand
from .traders import keeping, sold, write

pytestmark = pytest.mark.usefixtures("deliver")

_FENCE = """
    UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL, lease_until = NULL RETURNING 1
"""

_PAUSE = """
    INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos)
    SELECT c.subscription, c.slot, %s, 'open', newest.tick, newest.upto, newest.pos
    FROM meishi_events.cursor AS c,
    LATERAL (SELECT tick, upto, pos FROM meishi_events.progress AS p
             WHERE p.subscription = c.subscription AND p.slot = c.slot
             ORDER BY seq DESC LIMIT 1) AS newest
    ON CONFLICT (subscription, slot, workspace) DO UPDATE SET state = 'open' RETURNING 1
"""

_RESUME = "UPDATE meishi_events.gap SET state = 'draining' WHERE workspace = %s RETURNING 1"


def decide(market: Market, statement: str, workspace: UUID) -> None:
    """Pause or resume a workspace, as an operator does: with the fence raised in between."""
    with market.admin.transaction():
        market.rows("SELECT FROM meishi_events.cursor FOR UPDATE")
        market.rows(statement, [workspace])
        market.rows(_FENCE)


def books(market: Market, workspace: UUID) -> dict[str, list[int]]:
    """Return the numbers of each thing, in the order of their entries."""
    found: dict[str, list[int]] = {}
    for thing, number in market.book(workspace=workspace):
        found.setdefault(thing, []).append(number)
    return found


def some_steps(hand: Hand, chance: random.Random) -> None:
    """Work for a while, and stop wherever that is."""
    try:
        for turn in hand.claim():
            turn.size = chance.choice([1, 3, 16])
            for _ in range(chance.randrange(1, 5)):
                if not hand.step(turn):
                    break
            hand.turns.settle(turn)
    except LeaseLost:
        return
    finally:
        hand.leases.give_back()


@pytest.mark.parametrize("seed", range(6))
def test_a_paused_workspace_misses_nothing(market: Market, seed: int) -> None:
    """Paused anywhere, others flow; resumed, it gets all in order while new events keep coming."""
    chance = random.Random(seed)
    hand = Hand(market.host)
    quiet, loud = market.host.new_id(), market.host.new_id()
    published: dict[str, list[int]] = {}

    def publish(count: int) -> None:
        for _ in range(count):
            thing = chance.choice("abc")
            number = sum(map(len, published.values()))
            published.setdefault(thing, []).append(number)
            for workspace in (quiet, loud):
                market.publish(sold(thing, number), workspace=workspace)

    paused = False
    for _ in range(12):
        publish(chance.randrange(12))
        some_steps(hand, chance)
        if chance.random() < 0.5:
            decide(market, _RESUME if paused else _PAUSE, quiet)
            paused = not paused
        if paused:
            before = books(market, quiet)
            hand.work()
            assert books(market, loud) == published
            assert books(market, quiet) == before
    if paused:
        decide(market, _RESUME, quiet)
    publish(5)
    hand.work()
    assert books(market, quiet) == books(market, loud) == published
    assert market.rows("SELECT 1 FROM meishi_events.gap") == []


def test_a_pause_undoes_what_is_in_flight_and_parks_nothing(market: Market) -> None:
    """A workspace that is paused under a running handler finds its events later, and once."""
    hand = Hand(market.host)
    workspace = market.workspace.id
    market.publish(*(sold("tea", number) for number in range(5)))
    (turn,) = hand.claim()

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        decide(market, _PAUSE, workspace)

    with keeping(keep), pytest.raises(LeaseLost):
        hand.step(turn)
    hand.work()
    assert market.book() == []
    decide(market, _RESUME, workspace)
    hand.work()
    assert market.book() == [("tea", number) for number in range(5)]


@pytest.mark.parametrize("seed", range(4))
def test_slots_change_while_events_flow(market: Market, seed: int) -> None:
    """From one slot to four to two: nothing is lost, twice or out of order, parked or not."""
    chance = random.Random(seed)
    workspace = market.workspace.id
    published: dict[str, list[int]] = {}
    broken = True
    retry = RetryPolicy(first_wait_seconds=3600.0)

    def publish() -> None:
        for _ in range(chance.randrange(20)):
            thing = chance.choice("abcdefgh")
            number = sum(map(len, published.values()))
            published.setdefault(thing, []).append(number)
            market.publish(sold(thing, number))

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if broken and any(event.thing in "ab" for event in events):
            raise ValueError("not yet")

    with keeping(keep):
        for slots in (1, 4, 2, 1):
            hand = Hand(market.host, slots=slots, retry=retry)
            publish()
            hand.book.register(hand.subscriber)
            while market.rows(
                "SELECT 1 FROM meishi_events.subscription WHERE slots <> %s", [slots]
            ):
                publish()
                some_steps(hand, chance)
                hand.book.respread(hand.subscriber)
            assert market.rows("SELECT count(*) FROM meishi_events.cursor") == [(slots,)]
            publish()
            hand.work()
        assert market.rows("SELECT DISTINCT key FROM meishi_events.parked ORDER BY key")
        broken = False
        market.rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() RETURNING 1")
        hand.work()
    assert books(market, workspace) == published


def test_a_workspace_that_catches_up_stops_where_its_cursor_must(market: Market) -> None:
    """While slots change, what lies behind the barrier is left to those who have the new ones."""
    workspace = market.workspace.id
    hand, more = Hand(market.host), Hand(market.host, slots=2)
    decide(market, _PAUSE, workspace)
    market.publish(sold("tea", 1))
    more.register()
    market.publish(sold("tea", 2))
    hand.work()
    assert not more.book.respread(more.subscriber)
    decide(market, _RESUME, workspace)
    hand.work()
    assert books(market, workspace) == {"tea": [1]}
    assert more.book.respread(more.subscriber)
    more.work()
    assert books(market, workspace) == {"tea": [1, 2]}


def test_what_is_parked_in_a_paused_workspace_waits_too(market: Market) -> None:
    """A pause holds for retries; once it is over, what was parked comes before what was missed."""
    workspace = market.workspace.id
    hand = Hand(market.host)

    def refuse(_book: str, _events: Sequence[Any]) -> None:
        raise ValueError("not yet")

    market.publish(sold("tea", 1))
    with keeping(refuse):
        hand.work()
    decide(market, _PAUSE, workspace)
    market.publish(sold("tea", 2))
    market.rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() RETURNING 1")
    hand.work()
    assert market.book() == []
    decide(market, _RESUME, workspace)
    hand.work()
    assert market.book() == [("tea", 1), ("tea", 2)]
