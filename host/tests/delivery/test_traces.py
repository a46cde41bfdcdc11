"""What a delivery carries on: the chain of causes, and what is said of it in the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from meishi.context import current_scope, substitute_scope
from meishi.logs import logger
from meishi.testing.events import EventDeliveries, PublishedEvents

from .conftest import Market
from .traders import booked, keeping, sold

Log = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Return what was logged; the logger keeps the stream that it begins with."""
    logger.cache_clear()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logger.cache_clear()


def publish_in_chain(market: Market, correlation: UUID, *events: Any) -> None:
    """Let the bazaar publish events in a chain of causes."""
    with (
        market.host.scope(workspace=market.workspace.id, plugin="bazaar") as scope,
        substitute_scope(replace(scope, correlation=correlation)),
    ):
        market.host.publish(events)


def book_it(_book: str, events: Sequence[Any]) -> None:
    """Publish that it is in the books."""
    current_scope().host.publish([booked(event.thing, event.number) for event in events])


def test_what_a_handler_publishes_goes_on_in_the_chain(
    market: Market, deliver: EventDeliveries
) -> None:
    """Its correlation is that of the handled event, its causation that event's id."""
    chain = UUID(int=5)
    publish_in_chain(market, chain, sold("tea", 1))
    with keeping(book_it):
        deliver()
    cause, effect = PublishedEvents(market.host).entries()[-2:]
    assert (cause.correlation, cause.causation) == (chain, None)
    assert (effect.correlation, effect.causation) == (chain, cause.id)


def test_what_a_handler_publishes_for_several_names_no_wrong_cause(
    market: Market, deliver: EventDeliveries
) -> None:
    """A list of one chain goes on in it; where it is of several, a chain begins."""
    one, other = UUID(int=5), UUID(int=6)
    publish_in_chain(market, one, sold("tea", 1), sold("milk", 2))
    with keeping(book_it):
        deliver()
    *_, tea, milk = PublishedEvents(market.host).entries()
    assert {(item.correlation, item.causation) for item in (tea, milk)} == {(one, None)}
    publish_in_chain(market, one, sold("tea", 3))
    publish_in_chain(market, other, sold("milk", 4))
    with keeping(book_it):
        deliver()
    *_, tea, milk = PublishedEvents(market.host).entries()
    assert not {tea.correlation, milk.correlation} & {one, other}
    assert {tea.causation, milk.causation} == {None}


def test_what_is_logged_within_a_delivery_says_which(
    market: Market, deliver: EventDeliveries, log: Log
) -> None:
    """Subscription, event, workspace and chain stand in every message, and in none later."""

    def note(_book: str, events: Sequence[Any]) -> None:
        logger("info").info("noted")

    publish_in_chain(market, UUID(int=5), sold("tea", 1))
    with keeping(note):
        deliver()
    logger("info").info("later")
    *_, noted, later = log()
    (event,) = PublishedEvents(market.host).entries()
    told = {name: value for name, value in noted.items() if name not in {"timestamp", "level"}}
    assert told == {
        "event": "noted",
        "subscription": "scribe.main",
        "event_id": str(event.id),
        "event_type": "bazaar.sold.v1",
        "workspace": str(market.workspace.id),
        "correlation": str(UUID(int=5)),
        "causation": None,
    }
    assert set(later) == {"event", "timestamp", "level"}
