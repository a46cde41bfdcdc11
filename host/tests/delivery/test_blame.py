"""Blame: what ends processes is found and parked, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from meishi.events.blame import Predecessor
from meishi.events.cursor import LeaseLost
from meishi.events.turn import FIRST_SIZE

from .conftest import Market
from .hands import NAME, Hand
from .traders import keeping, sold, write

pytestmark = pytest.mark.usefixtures("deliver")

MANY = 40


def dying(market: Market, guilty: int, sizes: list[int]) -> Callable[..., None]:
    """Return an act during which the process ends: what it has noted stays, all else is gone."""

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if any(event.number == guilty for event in events):
            sizes.append(len(events))
            market.rows(
                "UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL,"
                " lease_until = NULL RETURNING 1"
            )

    return keep


def live(hand: Hand, predecessor: Predecessor | None = None) -> bool:
    """Work until there is nothing left; return False if the process ended before."""
    try:
        for turn in hand.claim(predecessor):
            while hand.step(turn):
                continue
            hand.turns.settle(turn)
    except LeaseLost:
        return False
    hand.leases.give_back()
    return True


def parked(market: Market) -> list[tuple[Any, ...]]:
    """Return number and attempts of what is parked."""
    return market.rows(
        "SELECT (event->'data'->>'number')::integer, attempts, error FROM meishi_events.parked"
    )


@pytest.mark.parametrize("guilty", [0, 15, 16, 39])
def test_what_ends_processes_without_a_word_is_found(market: Market, guilty: int) -> None:
    """Lists shrink until it stands alone; after its second time alone it is parked."""
    market.publish(*(sold(f"tea {number}", number) for number in range(MANY)))
    sizes: list[int] = []
    with keeping(dying(market, guilty, sizes)):
        while not live(Hand(market.host)):
            assert len(sizes) < 20
    assert sizes[-2:] == [1, 1]
    assert sizes.count(1) == 2
    assert sizes == sorted(sizes, reverse=True)
    ((number, attempts, error),) = parked(market)
    assert (number, attempts) == (guilty, 1)
    assert "ended without a word" in error
    kept = [(f"tea {number}", number) for number in range(MANY) if number != guilty]
    assert sorted(market.book()) == sorted(kept)


def test_proven_guilt_is_parked_the_first_time_it_stands_alone(market: Market) -> None:
    """Where the watch has said who it was, an event that is alone gets no second chance."""
    market.publish(*(sold(f"tea {number}", number) for number in range(MANY)))
    sizes: list[int] = []
    predecessor = None
    with keeping(dying(market, 3, sizes)):
        while not live(hand := Hand(market.host), predecessor):
            predecessor = Predecessor(hand.id, f"{NAME}/0", "It took too long.")
    assert sizes == [16, 4, 1]
    ((number, _, error),) = parked(market)
    assert (number, error) == (3, "It took too long.")


def test_who_is_known_to_be_innocent_is_not_slowed_down(market: Market) -> None:
    """Where another cursor is to blame, an attempt that was noted counts for nothing."""
    market.publish(*(sold(f"tea {number}", number) for number in range(MANY)))
    first, second = Hand(market.host), Hand(market.host)
    with keeping(dying(market, 3, [])):
        assert not live(first)
    (turn,) = second.claim(Predecessor(first.id, "scribe.other/0", "It took too long."))
    assert turn.suspicion is None
    assert turn.size == FIRST_SIZE


def test_a_suspicion_ends_with_what_was_being_attempted(market: Market) -> None:
    """Once those events are delivered nothing is held against the ones that follow."""
    market.publish(*(sold(f"tea {number}", number) for number in range(MANY)))
    with keeping(dying(market, 3, [])):
        assert not live(Hand(market.host))
    second = Hand(market.host)
    (turn,) = second.claim()
    steps = 0
    while turn.suspicion is not None:
        assert turn.size == FIRST_SIZE // 4
        assert second.step(turn)
        steps += 1
    assert steps == 4
    assert [number for _, number in market.book()] == list(range(FIRST_SIZE))


def test_an_attempt_of_a_parked_event_counts_before_the_call(market: Market) -> None:
    """A parked event that ends processes is dead after as many attempts as any other."""
    market.publish(sold("tea", 3), sold("milk", 4))

    def fail(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if any(event.number == 3 for event in events):
            raise ValueError("no third tea")

    with keeping(fail):
        Hand(market.host).work()
    for attempts in (2, 3):
        market.rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() RETURNING 1")
        with keeping(dying(market, 3, [])):
            assert not live(hand := Hand(market.host))
        assert market.rows("SELECT state, attempts FROM meishi_events.parked") == [
            ("retry", attempts)
        ]
    (pos,) = market.rows("SELECT pos FROM meishi_events.parked")[0]
    assert live(Hand(market.host), Predecessor(hand.id, f"{NAME}/0#{pos}", "It took too long."))
    assert market.rows("SELECT state, attempts, error FROM meishi_events.parked") == [
        ("dead", 3, "It took too long.")
    ]
    assert market.book() == [("milk", 4)]


def test_who_waits_behind_a_parked_event_is_never_to_blame(market: Market) -> None:
    """Processes that end by chance while such an event is put in its place do no harm."""

    def fail(book: str, events: Sequence[Any]) -> None:
        if any(event.number == 1 for event in events):
            raise ValueError("no first tea")
        write(book, events)

    with keeping(fail):
        market.publish(sold("tea", 1))
        Hand(market.host).work()
        market.publish(sold("tea", 2))
        for _ in range(3):
            hand = Hand(market.host)
            (turn,) = hand.claim()
            hand.turns.reader.forget()
            hand.leases.give_back()
            market.rows(
                "INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos,"
                " attempt_pos, attempt_size, attempt_count, attempt_by)"
                " SELECT subscription, slot, seq + 1, tick, upto, progress.pos, event.pos, 1, 2,"
                " %s FROM meishi_events.progress, (SELECT max(pos) AS pos FROM meishi_events.event)"
                " AS event ORDER BY seq DESC LIMIT 1 RETURNING 1",
                [str(hand.id)],
            )
            assert turn.cursor.held
        Hand(market.host).work()
    assert [row[0] for row in parked(market)] == [1, 2]
    assert market.rows("SELECT state FROM meishi_events.parked ORDER BY pos")[1] == ("held",)
