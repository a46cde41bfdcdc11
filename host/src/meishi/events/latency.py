"""How long events wait until their effects are there, counted in buckets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

#: Upper ends of the buckets, in seconds; one more counts what took longer.
BOUNDS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    *(2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)


class Latency:
    """Counts of observations per bucket, not accumulated, and their sum."""

    def __init__(self, counts: Sequence[int] = (), total_seconds: float = 0.0) -> None:
        self.counts = list(counts) or [0] * (len(BOUNDS) + 1)
        self.total_seconds = total_seconds

    def observe(self, seconds: float) -> None:
        """Count one event that waited so long."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total_seconds += seconds
