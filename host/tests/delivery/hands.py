"""A worker that does one thing at a time, as a test says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from meishi.events.blame import Predecessor
from meishi.events.cursor import LeaseLost
from meishi.events.leases import CursorLeases
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import newest_tick
from meishi.events.subscriptions import SubscriptionBook
from meishi.events.ticks import Ticker
from meishi.events.turn import Turn
from meishi.events.turns import Turns
from meishi.host import Host
from meishi.testing.events import UnwatchedCalls

NAME = "scribe.main"


class Hand:
    """One worker of the scribe's main subscription, which `changes` declare anew."""

    def __init__(self, host: Host, **changes: Any) -> None:
        (main,) = [item for item in host.subscribers() if item.name == NAME]
        self.host = host
        self.id = host.new_id()
        self.subscriber = replace(main, declared=replace(main.declared, **changes))
        self.leases = CursorLeases(host.within, self.id)
        self.turns = Turns(
            host,
            self.id,
            UnwatchedCalls(),
            {NAME: self.subscriber},
            elapsed=time.monotonic,
            chance=lambda: 1.0,
        )

    @property
    def book(self) -> SubscriptionBook:
        """What is remembered of subscriptions."""
        return SubscriptionBook(self.host.within, self.host.workspace_ids)

    def register(self) -> None:
        """Have the subscription begin here, or follow its declaration."""
        Ticker(self.host.within).tick()
        self.book.register(self.subscriber)

    def newest(self) -> int:
        """Return the newest tick after a new one, if there is anything new."""
        Ticker(self.host.within).tick()
        with self.host.within(DB_SCHEMA) as scope:
            return newest_tick(scope.work).id

    def claim(self, predecessor: Predecessor | None = None) -> list[Turn]:
        """Lease all cursors that are free."""
        return [self.turns.begin(cursor, predecessor) for cursor in self.leases.claim([NAME], 100)]

    def step(self, turn: Turn) -> bool:
        """Do one piece of work for a cursor; return whether there was any."""
        return self.turns.take(turn, self.newest())

    def work(self, *, between: Callable[[], object] = lambda: None) -> None:
        """Lease what is free, do all that there is to do, and give it back."""
        moved = True
        while moved:
            moved = False
            for turn in self.claim():
                try:
                    while self.step(turn):
                        moved = True
                        between()
                    self.turns.settle(turn)
                except LeaseLost:
                    moved = True
            self.leases.give_back()
