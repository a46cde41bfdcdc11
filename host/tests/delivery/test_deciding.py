"""What operators decide while a delivery is going on: one of the two waits for the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.heads import discard_event, skip
from meishi.testing.events import EventDeliveries
from meishi.testing.sessions import WAITING

from .conftest import Market
from .traders import keeping, sold, write

BY = Verdict(by="ada", reason="it cannot be handled")


def refuse(book: str, events: Sequence[Any]) -> None:
    """Keep the book, but for the first sale."""
    if any(event.number == 1 for event in events):
        raise ValueError("not the first")
    write(book, events)


def parked(market: Market) -> UUID:
    """Return the event that holds the only key that is parked."""
    ((event,),) = market.rows("SELECT event_id FROM meishi_events.parked WHERE state = 'retry'")
    return UUID(str(event))


def test_an_event_that_is_skipped_while_it_is_tried_leaves_nothing(
    market: Market, deliver: EventDeliveries
) -> None:
    """What the handler had done meanwhile is undone, and what waits behind it follows."""
    market.publish(sold("tea", 1), sold("tea", 2))
    with keeping(refuse):
        deliver(failures=True)
    head = parked(market)
    skipped: list[UUID] = []

    def decide() -> None:
        with market.host.scope(plugin=DB_SCHEMA):
            skip(head, BY)

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if not skipped:
            skipped.append(head)
            operator = threading.Thread(target=decide)
            operator.start()
            operator.join()

    with keeping(keep):
        deliver.retry()
    assert skipped
    assert market.book() == [("tea", 2)]


def test_what_is_put_behind_a_key_while_it_is_discarded_does_not_wait_for_ever(
    market: Market, deliver: EventDeliveries
) -> None:
    """Delivery waits for the operator's decision, and sees that there is nothing to wait behind."""
    market.publish(sold("tea", 1))
    with keeping(refuse):
        deliver(failures=True)
    head = parked(market)
    decided = threading.Event()

    def decide() -> None:
        with market.host.scope(plugin=DB_SCHEMA):
            discard_event(head, BY)
            decided.set()
            for _ in range(200):
                if market.rows(WAITING) != [(0,)]:
                    break
                time.sleep(0.02)

    operator = threading.Thread(target=decide)

    def keep(book: str, events: Sequence[Any]) -> None:
        write(book, events)
        if not decided.is_set():
            operator.start()
            decided.wait()

    market.publish(sold("coffee", 2), sold("tea", 3))
    with keeping(keep):
        deliver(failures=True)
    operator.join()
    deliver()
    assert sorted(market.book()) == [("coffee", 2), ("tea", 3)]
