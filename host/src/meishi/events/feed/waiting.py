"""Waiting for news: a few requests at a time, without a connection, and no longer than they may."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket

from meishi.events.environment import Environment
from meishi.events.log import DB_SCHEMA
from meishi.events.ticks import Ticker

#: Seconds between two looks of a process at the newest tick, however many wait for one.
LOOK = 0.2

#: Seconds after which the newest tick is so old that perhaps nobody ticks.
STALE = 1.0

_NEWEST = f"""
    SELECT id, at < clock_timestamp() - interval '{STALE} s' FROM meishi_events.tick
    ORDER BY id DESC LIMIT 1
"""  # noqa: S608 (a constant)


class WaitingRoom:
    """Where requests wait: at most so many at once, and none once the process is to end."""

    def __init__(self, seats: int) -> None:
        self._seats = threading.Semaphore(seats)
        self._ending: socket | None = None

    def heed(self, ending: socket) -> None:
        """End all waiting as soon as this becomes readable."""
        self._ending = ending

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Run a block that may wait; False where all seats are taken."""
        seated = self._seats.acquire(blocking=False)
        try:
            yield seated
        finally:
            if seated:
                self._seats.release()

    def pause(self, seconds: float) -> bool:
        """Sleep; return False, and at once, if the process is to end."""
        if self._ending is None:
            time.sleep(seconds)
            return True
        return not select.select([self._ending], [], [], seconds)[0]


class News:
    """Knows the newest tick of the log, and stores one where nobody else does."""

    def __init__(
        self,
        host: Environment,
        room: WaitingRoom,
        *,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within = host.within
        self._ticker = Ticker(host.within)
        self._room = room
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._newest = 0
        self._next_look = self._next_tick = 0.0

    def look(self) -> int:
        """Return the number of the newest tick as of the last look, which is a moment ago."""
        with self._lock:
            if self._elapsed() >= self._next_look:
                self._newest = self._seen()
                self._next_look = self._elapsed() + LOOK
            return self._newest

    def wait(self, seen: int, until: float) -> bool:
        """Wait for a newer tick than the one that was seen; False if there is none in time."""
        while (left := until - self._elapsed()) > 0 and self._room.pause(min(LOOK, left)):
            if self.look() > seen:
                return True
        return False

    def _seen(self) -> int:
        with self._within(DB_SCHEMA) as scope:
            newest, stale = scope.work.execute(_NEWEST)[0]
        if stale and self._elapsed() >= self._next_tick:
            self._next_tick = self._elapsed() + STALE
            self._ticker.begin_epoch()
            tick = self._ticker.tick()
            newest = newest if tick is None else tick.id
        return int(newest)
