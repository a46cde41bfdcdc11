"""Durable handlers know the envelopes of their events, and continue their chains of causes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meishi.sdk.context import publish
from meishi.sdk.events import Envelope, caused_by, envelope
from meishi.testing.events import EventDeliveries, PublishedEvents

from .conftest import Market
from .traders import booked, keeping, sold


def test_what_a_durable_handler_publishes_is_caused_by_what_it_heard(
    market: Market, deliver: EventDeliveries
) -> None:
    """A single event by itself; of several, the one that `caused_by` names."""

    def keep(_book: str, events: Sequence[Any]) -> None:
        if len(events) == 1:
            publish(booked("alone", events[0].number))
        else:
            for event in events:
                with caused_by(event):
                    publish(booked("of several", event.number))

    with keeping(keep):
        market.publish(sold("tea", 1))
        deliver()
        market.publish(sold("tea", 2))
        market.publish(sold("tea", 3))
        deliver()
    entries = PublishedEvents(market.host).entries()
    sales = {item.event.number: item for item in entries if item.source == "bazaar"}  # type: ignore[attr-defined]
    books = [item for item in entries if item.source == "scribe"]
    assert [item.event.thing for item in books] == ["alone", "of several", "of several"]  # type: ignore[attr-defined]
    for item in books:
        sale = sales[item.event.number]  # type: ignore[attr-defined]
        assert (item.causation, item.correlation) == (sale.id, sale.correlation)
    assert len({item.correlation for item in entries}) == 3


def test_a_durable_handler_is_told_what_the_log_holds(
    market: Market, deliver: EventDeliveries
) -> None:
    """Id, workspace and time are those of the stored event."""
    found: list[Envelope] = []
    with keeping(lambda _book, events: found.extend(map(envelope, events))):
        market.publish(sold("tea", 1), sold("milk", 2))
        deliver()
    stored = market.rows("SELECT id, type, subject, time FROM meishi_events.event ORDER BY pos")
    assert [(item.id, item.type, item.subject, item.time) for item in found] == stored
    assert {item.workspace for item in found} == {market.workspace.id}
