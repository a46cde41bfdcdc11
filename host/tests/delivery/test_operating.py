"""What operators do, seen from the handlers: nothing is lost, and the order of each key holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from meishi.declarations import ReplayPolicy
from meishi.events.log import DB_SCHEMA
from meishi.events.operations import pausing
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.errors import ReplayRefused
from meishi.events.operations.heads import discard_event, retry_all, skip
from meishi.events.operations.parked import ParkedFilter, list_parked
from meishi.events.operations.replays import Replayed, Replays
from meishi.events.operations.status import SubscriptionStatus, SubscriptionStatuses
from meishi.events.partitions import add_partition, partitions
from meishi.events.retention import drop_partition
from meishi.sdk.database import execute
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import found_workspace

from .conftest import Market
from .traders import SCRIBE, booked, keeping, sold, write

MAIN = "scribe.main"
BY = Verdict(by="ada", reason="it cannot be handled")


@pytest.fixture
def operate(market: Market) -> Callable[..., Any]:
    """Run an operation in a unit of work of its own."""

    def run(operation: Callable[..., Any], *values: Any, **named: Any) -> Any:
        with market.host.scope(plugin=DB_SCHEMA):
            return operation(*values, **named)

    return run


def refuse(number: int) -> Callable[[str, Sequence[Any]], None]:
    """Return what fails at one sale of tea."""

    def keep(book: str, events: Sequence[Any]) -> None:
        if any(event.number == number for event in events):
            raise ValueError(f"no {number}")
        write(book, events)

    return keep


def heads(operate: Callable[..., Any]) -> list[UUID]:
    """Return the events that hold their keys."""
    page = operate(list_parked, ParkedFilter(subscription=MAIN))
    return [item.event for item in page.items if item.is_head]


def status(market: Market) -> SubscriptionStatus:
    """Return how the scribe's subscription is."""
    with market.host.scope(plugin=DB_SCHEMA):
        return SubscriptionStatuses(market.host.plugins.statuses).one(MAIN)


def numbers(market: Market, workspace: UUID | None = None) -> list[int]:
    """Return the sales in the book, in the order of its entries."""
    return [number for _, number in market.book(workspace=workspace)]


def test_what_waits_behind_a_skipped_event_follows_in_order(
    market: Market, deliver: EventDeliveries, operate: Callable[..., Any]
) -> None:
    """All but the one come, in the order in which they were published."""
    market.publish(*[sold("tea", number) for number in range(6)])
    with keeping(refuse(2)):
        deliver(failures=True)
        assert numbers(market) == [0, 1]
        (head,) = heads(operate)
        operate(skip, head, BY)
        market.publish(sold("tea", 6))
        deliver()
    assert numbers(market) == [0, 1, 3, 4, 5, 6]


def test_after_a_key_was_discarded_its_next_events_flow(
    market: Market, deliver: EventDeliveries, operate: Callable[..., Any]
) -> None:
    """Only what was parked is thrown away."""
    market.publish(*[sold("tea", number) for number in range(4)])
    with keeping(refuse(1)):
        deliver(failures=True)
        (head,) = heads(operate)
        assert len(operate(discard_event, head, BY).events) == 3
        market.publish(sold("tea", 4))
        deliver()
    assert numbers(market) == [0, 4]
    assert len(market.rows("SELECT FROM meishi_events.decision")) == 3


def test_a_dead_event_comes_as_soon_as_it_is_retried(
    market: Market, deliver: EventDeliveries, operate: Callable[..., Any]
) -> None:
    """With what waits behind it; until then nothing of its key moves."""
    market.publish(*[sold("tea", number) for number in range(4)])
    with keeping(refuse(1)):
        deliver(failures=True)
        for _ in range(3):
            deliver.retry()
    assert status(market).parked.dead == 1
    assert "ValueError: no 1" in (status(market).last_error or "")
    deliver.retry()
    assert numbers(market) == [0]
    operate(retry_all, ParkedFilter(state="dead"))
    deliver()
    assert numbers(market) == [0, 1, 2, 3]


def test_a_paused_subscription_gets_all_when_it_is_resumed(
    market: Market, deliver: EventDeliveries, operate: Callable[..., Any]
) -> None:
    """Nothing comes meanwhile, and its lag is told."""
    market.publish(sold("tea", 0))
    deliver()
    operate(pausing.pause, MAIN, BY)
    market.publish(sold("tea", 1), sold("tea", 2))
    deliver()
    assert (numbers(market), status(market).state, status(market).lag_events) == ([0], "paused", 2)
    operate(pausing.resume, MAIN, BY)
    deliver()
    assert (numbers(market), status(market).lag_events) == ([0, 1, 2], 0)
    assert status(market).delivered == 3


def test_a_paused_workspace_catches_up_in_order_and_others_flow_meanwhile(
    market: Market, deliver: EventDeliveries, operate: Callable[..., Any]
) -> None:
    """What it missed comes before what is published afterwards."""
    other = found_workspace(market.host, "two").id
    market.publish(sold("tea", 0))
    deliver()
    operate(pausing.pause_workspace, MAIN, market.workspace.id, BY)
    for number in (1, 2):
        market.publish(sold("tea", number))
        market.publish(sold("tea", number), workspace=other)
        deliver()
    assert (numbers(market), numbers(market, other)) == ([0], [1, 2])
    operate(pausing.resume_workspace, MAIN, market.workspace.id, BY)
    market.publish(sold("tea", 3))
    deliver()
    assert (numbers(market), numbers(market, other)) == ([0, 1, 2, 3], [1, 2])
    assert status(market).paused_workspaces == ()


@pytest.fixture
def replay(
    market: Market, operate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Replayed]:
    """Declare how the scribe's subscription is replayed, and replay all of it."""

    def run(policy: ReplayPolicy, reset: Callable[[], None] | None = None) -> Replayed:
        plugins = market.host.plugins.contributions
        handlers = tuple(
            replace(handler, subscription=replace(handler.subscription, replay=policy, reset=reset))
            for handler in plugins[SCRIBE].event_handlers
            if handler.subscription is not None
        )
        changed = replace(plugins[SCRIBE], event_handlers=handlers)
        monkeypatch.setitem(plugins, SCRIBE, changed)
        replayed: Replayed = operate(Replays(market.host.subscribers()).replay, MAIN, None, BY)
        return replayed

    return run


def test_an_idempotent_subscription_gets_all_events_again(
    market: Market, deliver: EventDeliveries, replay: Callable[..., Replayed]
) -> None:
    """In their order, and what was parked among them."""
    market.publish(*[sold("tea", number) for number in range(4)])
    with keeping(refuse(2)):
        deliver(failures=True)
    replay(ReplayPolicy.IDEMPOTENT)
    assert status(market).parked.held == 0
    deliver()
    assert numbers(market) == [0, 1, 0, 1, 2, 3]
    assert status(market).delivered == 6


def test_a_rebuild_ends_where_it_began_and_publishes_nothing_again(
    market: Market, deliver: EventDeliveries, replay: Callable[..., Replayed]
) -> None:
    """Tables are as before, in every workspace; only news are published."""
    other = found_workspace(market.host, "two").id

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        market.host.publish([booked(event.thing, event.number) for event in events])

    def count() -> int:
        query = "SELECT count(*) FROM meishi_events.event WHERE type = 'scribe.booked.v1'"
        return int(market.rows(query)[0][0])

    with keeping(keep):
        for number in range(5):
            market.publish(sold("tea", number))
            market.publish(sold("milk", number), workspace=other)
        deliver()
        assert count() == 10
        done = replay(ReplayPolicy.REBUILD, lambda: execute("DELETE FROM scribe.entry"))
        assert (done.reset, numbers(market), numbers(market, other)) == (2, [], [])
        deliver()
        assert (numbers(market), numbers(market, other)) == ([*range(5)], [*range(5)])
        assert count() == 10
        market.publish(sold("tea", 5))
        deliver()
    assert (numbers(market), count()) == ([*range(6)], 11)


def test_a_log_that_was_cut_is_not_replayed_from_before_the_cut(
    market: Market, deliver: EventDeliveries, replay: Callable[..., Replayed]
) -> None:
    """Events that are gone cannot come again, so nobody may begin in front of them."""
    with market.host.within(DB_SCHEMA) as scope:
        add_partition(scope.work)
        (known, *_) = partitions(scope.work)
    market.publish(sold("tea", 0))
    deliver()
    market.rows("SELECT setval('meishi_events.event_pos_seq', %s)", [known.end])
    for number in (1, 2, 3):
        market.publish(sold("tea", number))
        deliver()
    market.rows(
        "WITH old AS (UPDATE meishi_events.tick SET at = at - interval '9 days' RETURNING 1) "
        "SELECT count(*) FROM old"
    )
    with market.host.within(DB_SCHEMA) as scope:
        dropped = drop_partition(scope.work, days=2, cap_days=2)
    assert dropped is not None
    with pytest.raises(ReplayRefused, match="cannot be rebuilt from the start"):
        replay(ReplayPolicy.REBUILD, lambda: None)
    replay(ReplayPolicy.IDEMPOTENT)
    deliver()
    assert numbers(market) == [0, 1, 2, 3, 3]
