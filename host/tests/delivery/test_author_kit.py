"""What authors test with: published events, delivery without a worker, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from meishi.sdk.context import publish
from meishi.testing.events import DeliveryFault, EventDeliveries, PublishedEvents, Scenario

from .conftest import Market
from .traders import booked, keeping, sold, write


def test_published_events_are_told_with_their_envelopes(
    market: Market, deliver: EventDeliveries
) -> None:
    """Oldest first, of some classes if they are named; a handler's own say what caused them."""

    def keep(book: str, events: Sequence[Any]) -> None:
        publish(*(booked(event.thing, event.number) for event in events))

    published = PublishedEvents(market.host)
    market.publish(sold("tea", 1))
    with keeping(keep):
        deliver()
    assert published() == [sold("tea", 1), booked("tea", 1)]
    assert published(type(booked("", 0))) == [booked("tea", 1)]
    first, second = published.entries()
    assert (second.source, second.workspace) == ("scribe", market.workspace.id)
    assert (second.causation, second.correlation) == (first.id, first.correlation)


def test_a_handler_that_fails_fails_the_test(market: Market, deliver: EventDeliveries) -> None:
    """With the traceback that an operator would read, unless failures are expected."""

    def keep(book: str, events: Sequence[Any]) -> None:
        raise ValueError("no tea today")

    market.publish(sold("tea", 1))
    with (
        keeping(keep),
        pytest.raises(DeliveryFault, match=r"scribe\.main failed(?s:.)*no tea today"),
    ):
        deliver()
    with keeping(keep):
        deliver(failures=True)
    assert market.book() == []
    deliver.retry()
    assert market.book() == [("tea", 1)]


def test_events_that_cause_each_other_for_ever_end_the_test(
    market: Market, deliver: EventDeliveries
) -> None:
    """A loop of handlers is a failure, not a test that hangs."""

    def keep(book: str, events: Sequence[Any]) -> None:
        with market.host.scope(workspace=market.workspace.id, plugin="bazaar"):
            market.host.publish([sold("tea", 1)])

    market.publish(sold("tea", 1))
    with keeping(keep), pytest.raises(DeliveryFault, match="caused each other"):
        deliver()


def test_a_scenario_tells_what_was_published_when_it_fails(
    market: Market, deliver: EventDeliveries
) -> None:
    """When this happens, eventually that is so; if not, the story so far is told."""
    scenario = Scenario(market.host, deliver, market.workspace.id)
    scenario.published("bazaar", [sold("tea", 1)]).eventually(market.book, [("tea", 1)])
    scenario.when(lambda: market.publish(sold("milk", 2))).eventually(
        market.book, [("tea", 1), ("milk", 2)]
    )

    def forget(book: str, events: Sequence[Any]) -> None:
        write(book, [])

    with keeping(forget), pytest.raises(AssertionError, match=r"Sold\(thing='milk', number=3\)"):
        scenario.published("bazaar", [sold("milk", 3)]).eventually(lambda: len(market.book()), 3)
