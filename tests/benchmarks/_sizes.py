"""How many contacts benchmarks have: what their figures are about, or fewer while one tries."""

from __future__ import annotations

import os

#: Takes the place of a benchmark's own number.
VARIABLE = "MEISHI_BENCH_CONTACTS"


def contacts(usual: int) -> int:
    """Return how many contacts are wanted."""
    return int(os.environ.get(VARIABLE, usual))
