"""How often, and how far apart, something that failed is tried again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with full jitter.

    `attempts` counts every call, the first included; after the last one an event is parked as
    dead and a job has failed. The wait after attempt n is drawn between 0 and
    `first_wait_seconds` · `factor`^(n - 1), but never more than `longest_wait_seconds`. What
    raises one of `fatal` is not tried again: no repetition would cure it.
    """

    attempts: int = 10
    first_wait_seconds: float = 1.0
    factor: float = 2.0
    longest_wait_seconds: float = 3600.0
    fatal: tuple[type[Exception], ...] = ()
