"""Weights of duplicates that are all somewhat wrong: whether what is found hangs by them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crm_contacts.duplicates import weights

DRAWS, SHARE = 10, 0.2


def found_with_others(measure: Callable[[], float]) -> dict[str, float]:
    """Return the least and the median of a measure, each time with every weight off by a share.

    Rules that were fitted to the records at hand would find less as soon as they are others.
    """
    found = []
    for seed in range(DRAWS):
        with _off(random.Random(seed)):
            found.append(measure())
    return {
        "draws": DRAWS,
        "off_by": SHARE,
        "least": min(found),
        "median": statistics.median(found),
    }


@contextmanager
def _off(chance: random.Random) -> Iterator[None]:
    """Let each weight in bits be another one, at random, until the block ends."""
    bits = {
        name: value
        for name, value in vars(weights).items()
        if name.isupper() and isinstance(value, float) and abs(value) >= 1
    }
    try:
        for name, value in bits.items():
            setattr(weights, name, value * chance.uniform(1 - SHARE, 1 + SHARE))
        yield
    finally:
        for name, value in bits.items():
            setattr(weights, name, value)
