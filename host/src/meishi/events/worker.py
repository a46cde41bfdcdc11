"""The loop of one worker process: ticks, leases, and turns for everything that is leased."""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.events.bell import Bell
from meishi.events.blame import Predecessor
from meishi.events.cursor import LeaseLost
from meishi.events.delivery import CallWatch, Unavailable
from meishi.events.environment import Environment
from meishi.events.housekeeping import Housekeeping
from meishi.events.leases import LEASE, CursorLeases
from meishi.events.log import DB_SCHEMA
from meishi.events.notices import Notices
from meishi.events.pool import Place, TurnPool
from meishi.events.positions import Tick, newest_tick
from meishi.events.roster import Roster
from meishi.events.subscriptions import SubscriptionBook
from meishi.events.ticks import Ticker
from meishi.events.turn import Turn
from meishi.events.turns import Turns
from meishi.events.withholding import Withholding
from meishi.remote.errors import RemoteCallError

__all__ = ["DeliveryWorker", "Predecessor", "Wake"]

#: Seconds between ticks: while there are events, and the longest pause while there are none.
BUSY, IDLE = 0.01, 0.5

#: Seconds between looks at who is alive and what is due, and between renewals of leases.
SURVEY, RENEWAL = 1.0, LEASE / 3

#: Seconds to wait when the database is away: at first, and at most.
_PATIENCE, _MOST_PATIENCE = 0.2, 5.0

#: Seconds that handlers have to finish when the worker is asked to stop.
GRACE = 8.0


_PASSING = (DBAPIError, PoolTimeout, Unavailable, RemoteCallError)


class Wake(Protocol):
    """Tells that somebody on this machine has committed events."""

    def fileno(self) -> int:
        """Return what becomes readable."""
        ...

    def drain(self) -> None:
        """Forget what was told."""
        ...


class DeliveryWorker:
    """One process that ticks and delivers, beside any number of others."""

    def __init__(
        self,
        host: Environment,
        *,
        worker_id: UUID,
        threads: int,
        watch: CallWatch,
        wake: Wake | None = None,
        predecessor: Predecessor | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._threads = threads
        self._wake = wake
        self._predecessor = predecessor
        self._elapsed = elapsed
        self._notices = Notices(host.settings.log_level)
        self._subscribers = {item.name: item for item in host.subscribers()}
        self._book = SubscriptionBook(host.within, host.workspace_ids)
        self._leases = CursorLeases(host.within, worker_id)
        self._roster = Roster(host.within, worker_id)
        self._ticker = Ticker(host.within)
        self._housekeeping = Housekeeping(host, self._notices, elapsed)
        self._turns = Turns(host, worker_id, watch, self._subscribers, elapsed=elapsed)
        self._withholding = Withholding(host)
        self._put_off: deque[Place] = deque()
        self._pool = TurnPool(
            self._turns,
            self._notices,
            elapsed=elapsed,
            lost=self._lost,
            put_off=self._put_off.append,
        )
        self._bell = Bell(host)
        self._pause = BUSY
        self._last_pos = 0
        self._next_tick = self._next_survey = self._next_renewal = 0.0
        self._trouble = threading.Event()
        self._epoch = host.switch_epoch

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, whatever happens to the database meanwhile."""
        self._pool.start(self._threads)
        patience, begun = _PATIENCE, False
        while not stop.is_set():
            try:
                if not begun:
                    self._begin()
                    begun = True
                self._round()
                self._listen()
                patience = _PATIENCE
            except (*_PASSING, psycopg.Error) as error:
                missing = "service" if isinstance(error, RemoteCallError) else "database"
                self._notices.warn(f"{missing} unavailable", error=" ".join(str(error).split()))
                self._pool.drop(self._pool.places())
                self._pool.newest = 0
                self._turns.reader.forget()
                self._bell.close()
                begun = False
                stop.wait(patience)
                patience = min(_MOST_PATIENCE, patience * 2)
        self._end()

    def _begin(self) -> None:
        if self._ticker.begin_epoch():
            self._notices.warn("the log came from another cluster; an epoch begins")
        self._roster.sign()
        if self._predecessor is not None:
            # Nobody else can know so soon that its leases are free.
            CursorLeases(self._host.within, self._predecessor.id).give_back()
            Roster(self._host.within, self._predecessor.id).leave()
        # Those from before an outage: what was in flight then finds its fence raised.
        self._leases.give_back()
        for subscriber in self._subscribers.values():
            if not self._host.is_held(subscriber.plugin):
                self._book.register(subscriber)
        self._bell.open()
        self._next_tick = self._next_survey = 0.0
        self._next_renewal = self._elapsed() + RENEWAL
        self._newest()

    def _end(self) -> None:
        self._pool.stop(GRACE)
        try:
            for turn in self._pool.resting():
                try:
                    self._turns.settle(turn)
                except LeaseLost:
                    self._notices.tell("lease lost", cursor=turn.cursor.label)
            self._leases.give_back()
            self._roster.leave()
        except _PASSING as error:
            self._notices.warn("leases run out by themselves", error=" ".join(str(error).split()))
        self._bell.close()

    def _round(self) -> None:
        """Do what is due: renew, look around, tick, keep house."""
        troubled = self._trouble.is_set()
        self._trouble.clear()
        if self._elapsed() >= self._next_renewal or troubled:
            self._renew()
            self._next_renewal = self._elapsed() + RENEWAL
        switched = self._epoch != self._host.switch_epoch
        if self._elapsed() >= self._next_survey or troubled or switched:
            self._epoch = self._host.switch_epoch
            self._look_around()
            self._next_survey = self._elapsed() + SURVEY
        if self._elapsed() >= self._next_tick:
            self._tick()
        self._housekeeping.step(self._last_pos)

    def _tick(self) -> None:
        tick = self._ticker.tick()
        if tick is not None:
            self._show(tick)
            self._pause = BUSY
        else:
            self._pause = min(IDLE, self._pause * 2)
        self._next_tick = self._elapsed() + self._pause

    def _show(self, tick: Tick) -> None:
        if tick.id > self._pool.newest:
            self._pool.newest, self._last_pos = tick.id, tick.last_pos
            self._pool.wake()

    def _newest(self) -> None:
        with self._host.within(DB_SCHEMA) as scope:
            self._show(newest_tick(scope.work))

    def _renew(self) -> None:
        self._roster.sign()
        ours = self._leases.renew()
        known = self._pool.fences()
        self._pool.drop(place for place, fence in known.items() if (*place, fence) not in ours)
        strange = [(name, slot) for name, slot, _ in ours if (name, slot) not in known]
        if strange:
            self._leases.give_back(strange)

    def _look_around(self) -> None:
        self._withholding.follow(self._subscribers.values())
        # Whoever waits for a service has waited for the length of a survey, about.
        waiting = [self._put_off.popleft() for _ in range(len(self._put_off))]
        if waiting:
            self._leases.give_back(waiting)
        running = [item for item in self._subscribers.values() if self._host.is_on(item.plugin)]
        self._let_go({item.name for item in running})
        survey = self._roster.survey(running)
        for name in survey.respreading:
            if not self._host.is_moving(self._subscribers[name].plugin):
                self._book.respread(self._subscribers[name])
        held = len(self._pool.places())
        if held < survey.share and survey.running:
            for cursor in self._leases.claim(survey.running, survey.share - held):
                try:
                    self._pool.add(self._turns.begin(cursor, self._predecessor))
                except LeaseLost:
                    self._trouble.set()
        elif held > survey.share:
            self._release(survey.share)
        self._pool.wake(survey.due)

    def _let_go(self, running: Collection[str]) -> None:
        """Leave the cursors of plugins that are off: they stand still until somebody has them."""
        for place in self._pool.places():
            if place[0] not in running and (turn := self._pool.take_out(place)) is not None:
                self._give_up(turn)

    def _release(self, share: int) -> None:
        """Leave cursors to others that have fewer."""
        for turn in self._pool.surplus(share):
            self._give_up(turn)

    def _give_up(self, turn: Turn) -> None:
        try:
            self._turns.settle(turn)
            self._leases.give_back([turn.cursor.place])
        except LeaseLost:
            self._notices.tell("lease lost", cursor=turn.cursor.label)

    def _lost(self, place: Place, away: bool) -> None:
        """Hear from a thread that a cursor must be leased anew."""
        reason = "database unavailable" if away else "taken back"
        self._notices.tell("lease lost", cursor=f"{place[0]}/{place[1]}", reason=reason)
        self._trouble.set()

    def _listen(self) -> None:
        """Wait until somebody rings, or something is due."""
        if self._trouble.is_set():
            return
        due = min(self._next_tick, self._next_survey, self._next_renewal)
        heard = [self._bell, *([] if self._wake is None else [self._wake])]
        ready, _, _ = select.select(heard, [], [], max(0.0, due - self._elapsed()))
        for source in ready:
            source.drain()
            if source is self._bell:
                self._newest()
            else:
                self._next_tick, self._pause = 0.0, BUSY
