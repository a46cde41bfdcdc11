"""Token buckets: a stock of requests that empties one by one and fills at a steady rate.

A bucket is one number: the moment at which it is full again, in nanoseconds. Each request that is
granted moves it on by the time in which one fills up; no request is granted that would move it
further ahead of now than the whole stock takes to fill. Whole numbers, so that nothing is lost.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

SECOND = 1_000_000_000
MINUTE = 60 * SECOND

#: How many buckets one process remembers; beyond that it forgets whoever was away longest.
CAPACITY = 50_000

#: How many old buckets are looked at for each new one, so that the full ones go.
_LOOKED_AT = 2


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many requests a holder may make: `burst` at once, `per_minute` in the long run."""

    name: str
    per_minute: int
    burst: int
    shares: int = 1

    @cached_property
    def interval(self) -> int:
        """Nanoseconds in which one request fills up, in the share that a process has."""
        return MINUTE * self.shares // self.per_minute

    @cached_property
    def size(self) -> int:
        """Nanoseconds in which the whole stock fills up, at least one request."""
        return self.interval * max(1, self.burst // self.shares)


class Level(NamedTuple):
    """What a bucket holds after a request; `wait` nanoseconds until the next one if refused."""

    remaining: int
    full_in: int
    wait: int = 0


class Buckets(Protocol):
    """Where buckets are kept."""

    def take(self, holder: str, quota: Quota, now: int) -> Level:
        """Take one request out of a holder's bucket, or nothing if it is empty."""
        ...


def level(quota: Quota, full_at: int, now: int, *, granted: bool) -> Level:
    """Return the level of a bucket that is full at a moment."""
    full_in = full_at - now if full_at > now else 0
    room = quota.size - full_in
    if granted:
        return Level(room // quota.interval, full_in)
    return Level(max(0, room // quota.interval), full_in, max(1, quota.interval - room))


class MemoryBuckets:
    """Buckets of this process: a dictionary, in the order of their last use."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._full_at: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, holder: str, quota: Quota, now: int) -> Level:
        """Take one request out of a holder's bucket, or nothing if it is empty."""
        interval = quota.interval
        with self._lock:
            known = self._full_at.pop(holder, None)
            if known is None:
                self._make_room(now)
            before = now if known is None or known < now else known
            after = before + interval
            granted = after - now <= quota.size
            full_at = self._full_at[holder] = after if granted else before
        return level(quota, full_at, now, granted=granted)

    def _make_room(self, now: int) -> None:
        """Forget full buckets among the oldest, and the oldest whatever it holds at the limit."""
        for _ in range(min(_LOOKED_AT, len(self._full_at))):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) < self._capacity:
                return
            del self._full_at[oldest]
