"""Durable handlers: effects exactly once, in the order of each key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meishi.sdk.context import current_workspace
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import found_workspace

from .conftest import Market
from .traders import keeping, returned, sold, write


def test_what_was_published_has_its_effect_once(market: Market, deliver: EventDeliveries) -> None:
    """Events reach a handler after the commit, in order, and not again."""
    market.publish(sold("tea", 1), sold("tea", 2))
    market.publish(returned("tea", 3))
    deliver()
    deliver()
    assert market.book() == [("tea", 1), ("tea", 2), ("tea", 3)]


def test_what_was_rolled_back_is_never_delivered(market: Market, deliver: EventDeliveries) -> None:
    """An event of a transaction that was undone reaches nobody."""
    try:
        with market.host.scope(workspace=market.workspace.id, plugin="bazaar"):
            market.host.publish([sold("tea", 1)])
            raise ZeroDivisionError
    except ZeroDivisionError:
        market.publish(sold("tea", 2))
    deliver()
    assert market.book() == [("tea", 2)]


def test_workspaces_are_kept_apart(market: Market, deliver: EventDeliveries) -> None:
    """A handler sees the events of one workspace at a time, and writes into that."""
    other = found_workspace(market.host, "two").id
    for number in range(10):
        market.publish(sold("tea", number), workspace=other if number % 2 else None)
    deliver()
    assert market.book() == [("tea", number) for number in range(0, 10, 2)]
    assert market.book(workspace=other) == [("tea", number) for number in range(1, 10, 2)]


def test_a_failing_event_holds_its_key_and_no_other(
    market: Market, deliver: EventDeliveries
) -> None:
    """What fails is parked with its traceback; later events of its key wait, others flow."""

    def keep(book: str, events: Sequence[Any]) -> None:
        if any(event.thing == "tea" and event.number == 3 for event in events):
            raise ValueError("no third tea")
        write(book, events)

    for number in range(20):
        market.publish(sold("tea" if number % 2 else "milk", number))
    with keeping(keep):
        deliver(failures=True)
    milk = [("milk", number) for number in range(0, 20, 2)]
    assert [entry for entry in market.book() if entry[0] == "milk"] == milk
    assert [entry for entry in market.book() if entry[0] == "tea"] == [("tea", 1)]
    parked = market.rows("SELECT state, attempts, error FROM meishi_events.parked ORDER BY pos")
    assert [row[0] for row in parked] == ["retry", *["held"] * 8]
    assert parked[0][1] == 1
    assert "ValueError: no third tea" in parked[0][2]
    assert "delivery.py" not in parked[0][2], "what the host does around a handler is no news"

    market.publish(sold("tea", 21), sold("milk", 22))
    deliver(failures=True)
    assert market.book()[-1] == ("milk", 22)

    deliver.retry()
    tea = [("tea", number) for number in range(1, 20, 2)]
    assert [entry for entry in market.book() if entry[0] == "tea"] == [*tea, ("tea", 21)]
    assert market.rows("SELECT 1 FROM meishi_events.parked") == []


def test_equal_keys_of_two_workspaces_have_nothing_to_do_with_each_other(
    market: Market, deliver: EventDeliveries
) -> None:
    """When a key has recovered in one workspace, all that waited there follows, and only there."""
    other = found_workspace(market.host, "two").id
    broken = {market.workspace.id, other}

    def keep(book: str, events: Sequence[Any]) -> None:
        if current_workspace() in broken:
            raise ValueError("not here")
        write(book, events)

    for number in range(4):
        market.publish(sold("tea", number), workspace=other if number % 2 else None)
    with keeping(keep):
        deliver(failures=True)
        broken.remove(other)
        deliver.retry()
        assert market.book(workspace=other) == [("tea", 1), ("tea", 3)]
        assert market.book() == []
        broken.clear()
        deliver.retry()
    assert market.book() == [("tea", 0), ("tea", 2)]
