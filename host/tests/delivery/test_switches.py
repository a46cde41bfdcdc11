"""Switches and events: what a plugin misses while it is off comes when it is on, each once."""

from __future__ import annotations

import random
from contextlib import suppress
from uuid import UUID

import pytest

from meishi.switches.interface import PluginNotSwitchable
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import found_workspace

from .conftest import Market, switch
from .hands import Hand
from .traders import keeping, sold


def numbers(market: Market, workspace: UUID | None = None) -> list[int]:
    """Return the numbers in a workspace's book, in the order of their entries."""
    return [number for _, number in market.book(workspace=workspace)]


def test_events_wait_for_a_plugin_that_is_off(market: Market, deliver: EventDeliveries) -> None:
    """Nothing is handled meanwhile; then everything is, in order."""
    market.publish(sold("tea", 1))
    deliver()
    switch(market, on=False)
    for number in (2, 3):
        market.publish(sold("tea", number))
    deliver()
    assert numbers(market) == [1]
    switch(market, on=True)
    market.publish(sold("tea", 4))
    deliver()
    assert numbers(market) == [1, 2, 3, 4]


def test_a_worker_that_has_a_cursor_stops_where_it_is(
    market: Market, deliver: EventDeliveries
) -> None:
    """Before it has given the cursor back, nothing is done for it, and no gap is opened."""
    deliver()
    hand = Hand(market.host)
    (turn,) = hand.claim()
    switch(market, on=False)
    market.publish(sold("tea", 1))
    assert not any(hand.step(turn) for _ in range(3))
    assert market.rows("SELECT count(*) FROM meishi_events.gap") == [(0,)]
    switch(market, on=True)
    while hand.step(turn):
        pass
    assert numbers(market) == [1]


def test_events_wait_in_the_workspace_where_a_plugin_is_off(
    market: Market, deliver: EventDeliveries
) -> None:
    """Other workspaces go on; where it is on again, what was missed comes before the rest."""
    here, there = market.workspace.id, found_workspace(market.host, "two").id
    switch(market, on=False, workspace=here)
    for number in (1, 2):
        for workspace in (here, there):
            market.publish(sold("tea", number), workspace=workspace)
    deliver()
    assert (numbers(market, here), numbers(market, there)) == ([], [1, 2])
    switch(market, on=True, workspace=here)
    market.publish(sold("tea", 3), workspace=here)
    deliver()
    assert numbers(market, here) == [1, 2, 3]
    assert market.rows("SELECT count(*) FROM meishi_events.gap") == [(0,)]


def test_a_parked_event_is_not_tried_where_the_plugin_is_off(
    market: Market, deliver: EventDeliveries
) -> None:
    """Its attempts are not used up; it is tried when the plugin is on."""
    tried: list[int] = []

    def fail(book: str, events: object) -> None:
        tried.append(1)
        raise OSError("no ink")

    with keeping(fail, "main"):
        market.publish(sold("tea", 1))
        deliver(failures=True)
        switch(market, on=False, workspace=market.workspace.id)
        before = len(tried)
        deliver.retry()
        assert len(tried) == before > 0
    switch(market, on=True, workspace=market.workspace.id)
    deliver.retry()
    assert numbers(market) == [1]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_switched_nothing_is_lost_or_comes_twice(
    market: Market, deliver: EventDeliveries, seed: int
) -> None:
    """Any sequence of sales, switches and deliveries ends with each book as it should be."""
    chance = random.Random(seed)
    places = [market.workspace.id, found_workspace(market.host, "two").id]
    counts = dict.fromkeys(places, 0)
    for _ in range(40):
        step = chance.randrange(5)
        workspace = chance.choice(places)
        if step < 2:
            counts[workspace] += 1
            market.publish(sold("tea", counts[workspace]), workspace=workspace)
        elif step == 2:
            with suppress(PluginNotSwitchable):
                switch(market, on=chance.random() < 0.5, workspace=chance.choice([None, *places]))
        else:
            deliver()
    switch(market, on=True)
    for workspace in places:
        switch(market, on=True, workspace=workspace)
    deliver()
    for workspace in places:
        assert numbers(market, workspace) == list(range(1, counts[workspace] + 1))
