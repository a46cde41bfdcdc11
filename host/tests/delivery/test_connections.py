"""Connections that break under a handler: the database is to blame, or the one that breaks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from meishi.core.identity.contract import Workspaces
from meishi.declarations import RetryPolicy
from meishi.events.delivery import Unavailable
from meishi.sdk.database import execute

from .conftest import Market
from .hands import Hand
from .traders import keeping, sold, write

pytestmark = pytest.mark.usefixtures("deliver")


def break_connection(market: Market) -> None:
    """End the connection of the running handler."""
    ((pid,),) = execute("SELECT pg_backend_pid()")
    market.rows("SELECT pg_terminate_backend(%s, 5000)", [pid])


def parked(market: Market) -> list[int]:
    """Return the numbers of what is parked."""
    query = "SELECT (event->'data'->>'number')::integer FROM meishi_events.parked ORDER BY pos"
    return [number for (number,) in market.rows(query)]


def test_a_connection_that_breaks_in_a_service_is_nobodys_fault(market: Market) -> None:
    """However deep a handler is in calls when the database goes away, nothing is parked."""
    broken: list[bool] = []

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if not broken:
            broken.append(True)
            break_connection(market)
            market.host.service(Workspaces).all()

    market.publish(*(sold(f"tea {number}", number) for number in range(4)))
    hand = Hand(market.host)
    with keeping(keep):
        with pytest.raises(Unavailable):
            hand.work()
        hand.leases.give_back()
        hand.work()
    assert parked(market) == []
    assert market.book() == [(f"tea {number}", number) for number in range(4)]


def test_connections_that_break_now_and_then_blame_nobody(market: Market) -> None:
    """Only breaks in a row count: after a success it takes as many as at first."""
    broken: set[int] = set()

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if not broken.issuperset(event.number for event in events):
            broken.update(event.number for event in events)
            break_connection(market)
            execute("SELECT 1")

    hand = Hand(market.host)
    with keeping(keep):
        for number in range(5):
            market.publish(sold(f"tea {number}", number))
            with pytest.raises(Unavailable):
                hand.work()
            hand.leases.give_back()
            hand.work()
    assert parked(market) == []
    assert market.book() == [(f"tea {number}", number) for number in range(5)]


@pytest.mark.parametrize("guilty", [0, 5, 19])
def test_who_always_breaks_the_connection_is_parked(market: Market, guilty: int) -> None:
    """A call that loses its connection each time is to blame, though the lease is lost with it."""

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if any(event.number == guilty for event in events):
            break_connection(market)
            execute("SELECT 1")

    market.publish(*(sold(f"tea {number}", number) for number in range(20)))
    # Long enough that it is not called again before this test has seen it.
    retry = RetryPolicy(attempts=3, first_wait_seconds=3600.0)
    hand, broken = Hand(market.host, retry=retry), 0
    with keeping(keep):
        while broken < 20 and not parked(market):
            try:
                hand.work()
            except Unavailable:
                broken += 1
                hand.leases.give_back()
    hand.work()
    assert parked(market) == [guilty]
    assert market.book() == [(f"tea {n}", n) for n in range(20) if n != guilty]
