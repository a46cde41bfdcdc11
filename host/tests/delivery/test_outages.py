"""A database that is away is nobody's fault."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest

from meishi.events.delivery import is_away
from meishi.testing.events import EventDeliveries

from .conftest import Market
from .traders import keeping, sold, write


def test_a_connection_that_cannot_be_had_is_an_outage(market: Market) -> None:
    """Where nobody listens, and where the login is turned away, no handler is to blame."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        market.host.use_database(f"postgresql://meishi:secret@127.0.0.1:{port}/meishi")
        with pytest.raises(Exception, match="refused") as refused, market.host.scope() as scope:
            scope.work.execute("SELECT 1")
    assert is_away(refused.value)


def test_an_error_of_a_statement_is_no_outage(market: Market) -> None:
    """What the server objects to, it will object to again."""
    with pytest.raises(Exception, match="zero") as objection, market.host.scope() as scope:
        scope.work.execute("SELECT 1 / 0")
    assert not is_away(objection.value)


def test_what_a_crash_took_back_is_done_again(market: Market, deliver: EventDeliveries) -> None:
    """Who delivers behind a position that is gone with its effects is told to begin anew."""
    market.publish(sold("tea", 1), sold("tea", 2))
    seen: list[int] = []

    def keep(book: str, events: Sequence[Any]) -> None:
        seen.append(len(events))
        write(book, events)
        if len(seen) == 1:
            # As a crash does: the newest positions were not on disk, the leases were.
            market.admin.execute("DELETE FROM meishi_events.progress WHERE attempt_pos IS NOT NULL")

    with keeping(keep):
        deliver()
    assert seen == [2, 2]
    assert market.book() == [("tea", 1), ("tea", 2)]
