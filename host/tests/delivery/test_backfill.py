"""Backfill: who comes late has, after it, what those have who were there from the start."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from meishi.declarations import RetryPolicy
from meishi.events.cursor import LeaseLost
from meishi.events.withholding import Withholding
from meishi.sdk.database import execute
from meishi.testing.fixtures import found_workspace

from .conftest import Market, switch
from .hands import Hand
from .traders import BAZAAR, SCRIBE, keeping, sold, write

PAGE = 7

_COPY = """
    INSERT INTO scribe.entry (workspace_id, book, thing, number)
    SELECT workspace_id, 'main', thing, number FROM scribe.entry AS stock
    WHERE book = 'stock' AND id > %(after)s AND NOT EXISTS (
        SELECT FROM scribe.entry AS main WHERE main.book = 'main' AND main.number = stock.number)
    ORDER BY id LIMIT %(page)s
"""

_NEXT = """
    SELECT max(id) FROM (SELECT id FROM scribe.entry WHERE book = 'stock' AND id > %(after)s
                         ORDER BY id LIMIT %(page)s) AS page
"""


def copy(place: str | None) -> str | None:
    """Enter a page of what is in stock into the main book."""
    values = {"after": int(place or 0), "page": PAGE}
    ((last,),) = execute(_NEXT, values)
    if last is None:
        return None
    execute(_COPY.replace("AND NOT", "AND id <= %(last)s AND NOT"), values | {"last": last})
    return str(last)


def keep_new(book: str, events: Sequence[Any]) -> None:
    """Enter those that are not in the book yet."""
    known = {row[0] for row in execute("SELECT number FROM scribe.entry WHERE book = 'main'")}
    write(book, [event for event in events if event.number not in known])


class Trade:
    """Changes of the stock, each with its event in the same transaction."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.workspaces: list[UUID] = [market.workspace.id]
        self._number = 0

    def go_on(self, count: int) -> None:
        """Make some changes in every workspace."""
        for _ in range(count):
            for workspace in self.workspaces:
                self._number += 1
                event = sold("tea", self._number)
                with self._market.host.scope(workspace=workspace, plugin=BAZAAR) as scope:
                    self._market.host.publish([event])
                    with scope.work.entered(SCRIBE):
                        write("stock", [event])

    def holds(self) -> bool:
        """Whether the main book holds what is in stock, each once."""
        return all(
            sorted(self._market.book("main", workspace))
            == sorted(self._market.book("stock", workspace))
            for workspace in self.workspaces
        )


def late(market: Market, backfill: Callable[[str | None], Any] = copy, **changes: Any) -> Hand:
    """Return a worker of a subscription that begins now, with its backfill."""
    market.rows("DELETE FROM meishi_events.subscription RETURNING 1")
    hand = Hand(market.host, backfill=backfill, **changes)
    hand.register()
    return hand


@pytest.mark.parametrize("seed", range(3))
def test_who_comes_late_has_it_all_while_changes_go_on(market: Market, seed: int) -> None:
    """Changes before, during and after the backfill are there once, in every workspace."""
    chance = random.Random(seed)
    trade = Trade(market)
    trade.workspaces.append(found_workspace(market.host, "two").id)
    trade.go_on(20)
    with keeping(keep_new):
        hand = late(market, slots=2)
        trade.workspaces.append(found_workspace(market.host, "three").id)
        for _ in range(40):
            trade.go_on(chance.randrange(2))
            try:
                for turn in hand.claim():
                    hand.step(turn)
                    hand.turns.settle(turn)
            except LeaseLost:
                continue
            finally:
                hand.leases.give_back()
        hand.work()
    assert market.rows("SELECT state FROM meishi_events.subscription") == [("live",)]
    assert trade.holds()


def test_a_backfill_goes_on_at_the_page_where_its_process_ended(market: Market) -> None:
    """A page that was not kept is read once more, those before are not."""
    trade = Trade(market)
    trade.go_on(3 * PAGE)
    read: list[str | None] = []

    def dying(place: str | None) -> str | None:
        read.append(place)
        following = copy(place)
        if len(read) == 2:
            market.rows(
                "UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL,"
                " lease_until = NULL RETURNING 1"
            )
        return following

    hand = late(market, dying, retry=RetryPolicy(first_wait_seconds=0.0), limit_seconds=0.0)
    hand.work()
    assert read[1] == read[2] is not None
    assert len(read) == len(set(read)) + 1 == 5
    assert trade.holds()


@pytest.mark.parametrize(
    ("wrong", "report"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError"),
        (lambda _: 7, "must return a text or None, not a int"),
    ],
)
def test_a_page_that_fails_is_tried_again_and_says_why(
    market: Market, wrong: Callable[[str | None], Any], report: str
) -> None:
    """It waits, with its error for all to see, and nothing of it is kept; then it goes on."""
    trade = Trade(market)
    trade.go_on(2 * PAGE)
    well = False

    def page(place: str | None) -> Any:
        following = copy(place)
        return following if well or place is None else wrong(place)

    hand = late(market, page, retry=RetryPolicy(first_wait_seconds=3600.0))
    hand.work()
    ((attempts, error, waits),) = market.rows(
        "SELECT attempts, error, next_at > clock_timestamp() FROM meishi_events.backfill"
    )
    assert (attempts, waits) == (1, True)
    assert report in error
    assert len(market.book()) == PAGE
    trade.go_on(1)
    hand.work()
    assert len(market.book()) == PAGE
    well = True
    market.rows("UPDATE meishi_events.backfill SET next_at = clock_timestamp() RETURNING 1")
    with keeping(keep_new):
        hand.work()
    assert trade.holds()
    assert market.rows("SELECT error, done FROM meishi_events.backfill") == [(None, True)]


def test_a_page_does_not_wait_for_a_clock_that_was_set_back(market: Market) -> None:
    """A page whose next attempt is impossibly far away is read at once."""
    trade = Trade(market)
    trade.go_on(2 * PAGE)
    hand = late(market)
    market.rows(
        "UPDATE meishi_events.backfill"
        " SET next_at = clock_timestamp() + interval '1 day' RETURNING 1"
    )
    hand.work()
    assert trade.holds()


def test_a_workspace_where_the_plugin_is_off_is_read_when_it_is_on(market: Market) -> None:
    """The others do not wait for it; its events wait for its past, in every slot."""
    trade = Trade(market)
    here, there = market.workspace.id, found_workspace(market.host, "two").id
    trade.workspaces.append(there)
    trade.go_on(2 * PAGE)
    switch(market, on=False, workspace=there)
    with keeping(keep_new):
        hand = late(market, slots=2)
        hand.work()
        trade.go_on(2)
        hand.work()
        assert market.rows("SELECT state FROM meishi_events.subscription") == [("live",)]
        assert sorted(market.book("main", here)) == sorted(market.book("stock", here))
        assert market.book("main", there) == []
        switch(market, on=True, workspace=there)
        trade.go_on(2)
        for _ in range(3):
            Withholding(market.host).follow([hand.subscriber])
            hand.work()
    assert trade.holds()
    assert market.rows("SELECT count(*) FROM meishi_events.gap") == [(0,)]


def test_a_workspace_that_is_switched_off_meanwhile_is_read_on_later(market: Market) -> None:
    """The page that comes next is the one behind the last that was read."""
    trade = Trade(market)
    trade.go_on(3 * PAGE)
    read: list[str | None] = []

    def page(place: str | None) -> str | None:
        read.append(place)
        return copy(place)

    hand = late(market, page)
    (turn,) = hand.claim()
    hand.step(turn)
    hand.leases.give_back()
    switch(market, on=False, workspace=market.workspace.id)
    hand.work()
    assert len(read) == 1
    switch(market, on=True, workspace=market.workspace.id)
    hand.work()
    assert len(read) == len(set(read)) == 4
    assert trade.holds()
