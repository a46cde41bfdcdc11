"""Leases: one holder at a time; who has lost the cursor can keep nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from meishi.events.cursor import LeaseLost
from meishi.events.delivery import Unavailable
from meishi.events.roster import Roster
from meishi.events.subscriptions import Subscriber
from meishi.events.worker import DeliveryWorker
from meishi.host import Host
from meishi.testing.events import UnwatchedCalls

from .conftest import Market
from .hands import Hand
from .traders import keeping, sold, write

pytestmark = pytest.mark.usefixtures("deliver")

SLOTS = 4


def spread(host: Host) -> Subscriber:
    """Return the scribe's subscription, declared with more slots."""
    return Hand(host, slots=SLOTS).subscriber


def shares(market: Market) -> list[int]:
    """Return how many cursors each worker has."""
    query = "SELECT count(*) FROM meishi_events.cursor WHERE owner IS NOT NULL GROUP BY owner"
    return [row[0] for row in market.rows(query)]


def _run(host: Host, stop: threading.Event) -> None:
    worker = DeliveryWorker(host, worker_id=host.new_id(), threads=2, watch=UnwatchedCalls())
    worker.run(stop)


_TAKE = "UPDATE meishi_events.cursor SET lease_until = clock_timestamp() {} RETURNING 1"


def test_a_holder_that_was_paused_keeps_nothing_after_a_takeover(market: Market) -> None:
    """What is in flight when somebody else takes the cursor is undone, and done once."""
    first, second = Hand(market.host), Hand(market.host)
    market.publish(*(sold("tea", number) for number in range(5)))

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if not taken:
            taken.append(True)
            market.rows(_TAKE.format("- interval '1 s'"))
            second.work()

    taken: list[bool] = []
    (turn,) = first.claim()
    with keeping(keep), pytest.raises(LeaseLost):
        first.step(turn)
    with pytest.raises(LeaseLost):
        first.turns.settle(turn)
    assert market.book() == [("tea", number) for number in range(5)]


def test_a_lease_ends_by_the_clock_of_the_database(market: Market) -> None:
    """A lease that is running is nobody else's; one that is over, or ends impossibly late, is."""
    first, second = Hand(market.host), Hand(market.host)
    assert len(first.claim()) == 1
    assert second.claim() == []
    for shift in ("- interval '1 ms'", "+ interval '1 hour'"):
        market.rows(_TAKE.format(shift))
        (turn,) = second.claim()
        assert second.claim() == []
        fence = turn.cursor.fence
        assert market.rows("SELECT owner, fence FROM meishi_events.cursor") == [(second.id, fence)]
        market.rows(_TAKE.format(shift))
        assert first.claim()[0].cursor.fence == fence + 1


def test_a_parked_event_does_not_wait_for_a_clock_that_was_set_back(market: Market) -> None:
    """Due is what has waited long enough, and what is to wait for an impossibly long time."""

    def refuse(_book: str, _events: Sequence[Any]) -> None:
        raise ValueError("not today")

    hand = Hand(market.host)
    roster = Roster(market.host.within, hand.id)
    market.publish(sold("tea", 1))
    with keeping(refuse):
        hand.work()
    for shift, due in (("30 s", False), ("-1 s", True), ("1 day", True)):
        market.rows(
            "UPDATE meishi_events.parked"
            " SET next_at = clock_timestamp() + %s::interval RETURNING 1",
            [shift],
        )
        assert roster.survey([hand.subscriber]).due == ({"scribe.main/0"} if due else set())
    hand.work()
    assert market.book() == [("tea", 1)]


def test_a_renewal_keeps_what_is_still_held(market: Market) -> None:
    """Renewing prolongs a lease, and tells which are left."""
    first, second = Hand(market.host), Hand(market.host)
    (turn,) = first.claim()
    market.rows(_TAKE.format("+ interval '1 s'"))
    assert first.leases.renew() == {(*turn.cursor.place, turn.cursor.fence)}
    left = market.rows(
        "SELECT lease_until > clock_timestamp() + interval '5 s' FROM meishi_events.cursor"
    )
    assert left == [(True,)]
    market.rows(_TAKE.format("- interval '1 s'"))
    second.claim()
    assert first.leases.renew() == set()


def test_who_decides_about_one_subscription_holds_up_no_lease(market: Market) -> None:
    """What an operator has locked is neither renewed nor given back, and nobody waits for it."""
    hand = Hand(market.host)
    (turn,) = hand.claim()
    place = (*turn.cursor.place, turn.cursor.fence)
    with psycopg.connect(market.location.administrator_url()) as operator:
        operator.execute("SELECT FROM meishi_events.cursor FOR UPDATE")
        assert hand.leases.renew() == {place}
        hand.leases.give_back()
    assert hand.leases.renew() == {place}
    hand.leases.give_back()
    assert hand.leases.renew() == set()


def test_a_decision_that_takes_long_is_no_fault_of_an_event(market: Market) -> None:
    """A delivery that cannot note its position for a while is undone and done again, not parked."""
    hand = Hand(market.host)
    market.publish(sold("tea", 1))
    (turn,) = hand.claim()
    with psycopg.connect(market.location.administrator_url()) as operator:

        def keep(book: str, events: Sequence[Any]) -> None:
            write(book, events)
            operator.execute("SELECT FROM meishi_events.cursor FOR UPDATE")

        with keeping(keep), pytest.raises(Unavailable):
            hand.step(turn)
    hand.leases.give_back()
    hand.work()
    assert market.book() == [("tea", 1)]
    assert market.rows("SELECT 1 FROM meishi_events.parked") == []


def test_a_raised_fence_undoes_what_is_in_flight(market: Market) -> None:
    """An operator who raises the fence while handlers run finds the cursor where it was."""
    hand = Hand(market.host)
    market.publish(sold("tea", 1))

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        market.rows(
            "UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL, lease_until = NULL"
            " RETURNING 1"
        )

    (turn,) = hand.claim()
    with keeping(keep), pytest.raises(LeaseLost):
        hand.step(turn)
    assert market.book() == []
    hand.work()
    assert market.book() == [("tea", 1)]


def test_a_graceful_end_leaves_no_suspicion(market: Market) -> None:
    """Who settles and gives back leaves no attempt behind, and the cursor is free at once."""
    first, second = Hand(market.host), Hand(market.host)
    market.publish(*(sold("tea", number) for number in range(40)))
    (turn,) = first.claim()
    first.step(turn)
    assert turn.cursor.attempt is not None
    first.turns.settle(turn)
    first.leases.give_back()
    (turn,) = second.claim()
    assert turn.suspicion is None
    second.leases.give_back()
    second.work()
    assert market.book() == [("tea", number) for number in range(40)]


def test_who_had_a_cursor_before_its_slots_changed_has_none_of_the_new(market: Market) -> None:
    """No new cursor ever has a fence of an old one, whose holder deletes no position either."""
    old, new = Hand(market.host), Hand(market.host, slots=2)
    (turn,) = old.claim()
    old.leases.give_back()
    new.work()
    new.register()
    new.work()
    assert new.book.respread(new.subscriber)
    turn.cursor.seq = 1000
    old.leases.prune(turn.cursor)
    for _ in range(3):
        assert all(item.cursor.fence > turn.cursor.fence for item in new.claim())
        assert len(market.rows("SELECT FROM meishi_events.cursor WHERE owner IS NOT NULL")) == 2
        new.leases.give_back()


def test_positions_do_not_pile_up(market: Market) -> None:
    """However often a cursor changes hands, old positions are deleted in the end."""
    for number in range(30):
        market.publish(sold("tea", number))
        Hand(market.host).work()
    market.rows(
        "INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)"
        " SELECT subscription, slot, seq + more, tick, upto, pos FROM"
        " (SELECT * FROM meishi_events.progress ORDER BY seq DESC LIMIT 1) AS newest,"
        " generate_series(1, 600) AS more RETURNING 1"
    )
    market.publish(sold("tea", 30))
    Hand(market.host).work()
    assert market.rows("SELECT count(*) < 10 FROM meishi_events.progress") == [(True,)]


def test_workers_share_cursors_and_survive_each_other(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two workers every event is delivered once; each has its share; one may end any time."""
    host = market.host
    declared = [spread(host)]
    monkeypatch.setattr(host, "subscribers", lambda: declared)
    market.rows("DELETE FROM meishi_events.subscription RETURNING 1")
    Hand(host, slots=SLOTS).register()
    stops = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=_run, args=(host, stop)) for stop in stops]
    try:
        number = 0
        for thread in threads:
            thread.start()
            expected = [SLOTS] if thread is threads[0] else [SLOTS // 2] * 2
            while shares(market) != expected:
                number += 1
                market.publish(*(sold(f"tea {key}", number) for key in range(8)))
        stops[0].set()
        threads[0].join()
        while shares(market) != [SLOTS]:
            number += 1
            market.publish(*(sold(f"tea {key}", number) for key in range(8)))
    finally:
        for stop, thread in zip(stops, threads, strict=True):
            stop.set()
            thread.join()
    assert shares(market) == []
    Hand(host, slots=SLOTS).work()
    for key in range(8):
        kept = [entry for thing, entry in market.book() if thing == f"tea {key}"]
        assert kept == list(range(1, number + 1))
