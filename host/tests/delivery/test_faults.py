"""Faults of handlers: exactly what failed is parked, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from meishi.sdk.context import current_workspace, publish
from meishi.sdk.database import execute
from meishi.testing.events import EventDeliveries, PublishedEvents

from .conftest import Market
from .hands import Hand
from .traders import booked, keeping, sold, write

MANY = 500


def failing(when: Callable[[Any], bool], fail: Callable[[], object]) -> Callable[..., object]:
    """Return an act that keeps the book, and then fails if one of the events is such."""

    def keep(book: str, events: Sequence[Any]) -> object:
        write(book, events)
        return fail() if any(when(event) for event in events) else None

    return keep


def third(event: Any) -> bool:
    """Whether an event is the one that fails."""
    return bool(event.number == 3)


def raising(error: BaseException) -> Callable[[], NoReturn]:
    """Return what raises an error."""

    def fail() -> NoReturn:
        raise error

    return fail


async def _later() -> None:
    """Do nothing, some time."""


def coroutine() -> Coroutine[Any, Any, None]:
    """Return what somebody should have awaited."""
    return _later()


def terminated() -> None:
    """Do what a deferred constraint refuses at the commit."""
    execute("INSERT INTO clerk.rule (workspace_id) VALUES (%(w)s)", {"w": current_workspace()})


def swallowed() -> None:
    """Catch the error of a statement, which has undone the transaction nevertheless."""
    try:
        execute("SELECT 1 / 0")
    except DBAPIError:
        return


def parked(market: Market) -> list[tuple[Any, ...]]:
    """Return number, state and report of what is parked."""
    return market.rows(
        "SELECT (event->'data'->>'number')::integer, state, error FROM meishi_events.parked"
        " ORDER BY pos"
    )


@pytest.mark.parametrize(
    ("fail", "report"),
    [
        (raising(ValueError("no third tea")), "ValueError: no third tea"),
        (raising(SystemExit(3)), "SystemExit: 3"),
        (raising(KeyboardInterrupt()), "KeyboardInterrupt"),
        (raising(ValueError("a\0b")), r"ValueError: a\0b"),
        (coroutine, "must return nothing, not a coroutine"),
        (lambda: 7, "must return nothing, not a int"),
        (swallowed, "TransactionUndone"),
        (terminated, "rule_once"),
    ],
)
def test_one_faulty_event_among_many_is_parked_alone(
    market: Market, deliver: EventDeliveries, fail: Callable[[], object], report: str
) -> None:
    """Whatever way it fails, all others are delivered, and it is parked with the reason."""
    market.admin.execute(
        "CREATE TABLE clerk.rule (workspace_id uuid, CONSTRAINT rule_once UNIQUE (workspace_id)"
        " DEFERRABLE INITIALLY DEFERRED)"
    )
    market.admin.execute("GRANT ALL ON clerk.rule TO meishi_market_clerk_run")
    market.admin.execute("INSERT INTO clerk.rule VALUES (%s)", [market.workspace.id])
    market.publish(*(sold(f"tea {number}", number) for number in range(MANY)))
    with keeping(failing(third, fail)):
        deliver(failures=True)
    assert market.book() == [(f"tea {number}", number) for number in range(MANY) if number != 3]
    ((number, state, error),) = parked(market)
    assert (number, state) == (3, "retry")
    assert report in error


def test_all_events_may_fail(market: Market, deliver: EventDeliveries) -> None:
    """Where every event fails, each is parked, and nothing of them is kept."""
    market.publish(*(sold(f"tea {number}", number) for number in range(40)))
    with keeping(failing(lambda _: True, raising(ValueError("no tea")))):
        deliver(failures=True)
    assert market.book() == []
    assert [row[0] for row in parked(market)] == list(range(40))


def test_a_payload_that_no_class_reads_is_parked(market: Market, deliver: EventDeliveries) -> None:
    """What stands in the log and cannot be decoded holds back nothing but its key."""
    market.publish(*(sold(f"tea {number}", number) for number in range(40)))
    market.admin.execute(
        "UPDATE meishi_events.event SET data = data || '{\"thing\": 3}' WHERE key = 'tea 3'"
    )
    deliver(failures=True)
    assert market.book() == [(f"tea {number}", number) for number in range(40) if number != 3]
    ((number, _, error),) = parked(market)
    assert number == 3
    assert "ValidationError" in error


def test_what_passes_is_tried_again_at_once(market: Market, deliver: EventDeliveries) -> None:
    """A deadlock, a serialisation failure or a lock that was not to be had parks nothing."""
    tried = dict.fromkeys(["40P01", "40001", "55P03"], 0)

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        for state in tried:
            tried[state] += 1
            if tried[state] <= 1:
                execute(f"DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$")

    market.publish(*(sold("tea", number) for number in range(10)))
    with keeping(keep):
        hand = Hand(market.host)
        for turn in hand.claim():
            hand.step(turn)
            hand.turns.settle(turn)
        hand.leases.give_back()
        deliver(failures=True)
    assert market.book() == [("tea", number) for number in range(10)]
    assert all(tried.values())


def test_a_lock_of_somebody_else_is_waited_for(market: Market, deliver: EventDeliveries) -> None:
    """While a row that a handler wants is locked, its events are parked, and delivered later."""
    market.publish(sold("tea", 1))
    deliver()

    def keep(book: str, events: Sequence[Any]) -> None:
        execute("SET LOCAL lock_timeout = '20ms'")
        execute("UPDATE clerk.entry SET number = number")
        write(book, events)

    with psycopg.connect(market.location.administrator_url()) as other, keeping(keep):
        other.execute("SELECT FROM clerk.entry FOR UPDATE")
        market.publish(sold("tea", 2))
        deliver(failures=True)
        ((number, _, error),) = parked(market)
        assert number == 2
        assert "lock timeout" in error
        other.rollback()
        deliver.retry()
    assert market.book() == [("tea", 1), ("tea", 2)]


def test_what_a_handler_publishes_is_kept_with_its_effects(
    market: Market, deliver: EventDeliveries
) -> None:
    """One that fails publishes nothing; one that does well, once, as an effect of its cause."""
    published = PublishedEvents(market.host)

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        publish(*(booked(event.thing, event.number) for event in events))
        if any(third(event) for event in events):
            raise ValueError("no third tea")

    for number in range(6):
        market.publish(sold(f"tea {number}", number))
    with keeping(keep):
        deliver(failures=True)
    effects = [item for item in published.entries() if item.source == "clerk"]
    assert sorted(item.event.number for item in effects) == [0, 1, 2, 4, 5]  # type: ignore[attr-defined]
    deliver.retry()
    assert len(parked(market)) == 0


def test_an_effect_names_its_cause(market: Market, deliver: EventDeliveries) -> None:
    """What is published for one event has its correlation, and its id as the cause."""
    published = PublishedEvents(market.host)

    def keep(_: str, events: Sequence[Any]) -> None:
        publish(*(booked(event.thing, event.number) for event in events))

    with keeping(keep):
        market.publish(sold("tea", 1))
        deliver()
        market.publish(sold("tea", 2), sold("tea", 3))
        deliver()
        market.publish(sold("tea", 4))
        market.publish(sold("tea", 5))
        deliver()
    causes = [item for item in published.entries() if item.source == "shop"]
    effects = [item for item in published.entries() if item.source == "clerk"]
    assert (effects[0].correlation, effects[0].causation) == (causes[0].correlation, causes[0].id)
    assert {item.correlation for item in effects[1:3]} == {causes[1].correlation}
    assert {item.correlation for item in effects[3:]}.isdisjoint(
        item.correlation for item in causes
    )
    assert {item.causation for item in effects[1:]} == {None}
