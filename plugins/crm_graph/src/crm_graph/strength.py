"""How strong a tie is: one number, and what contributed to it.

Each interaction of weight w adds to what was there, which has halved with every `HALF_LIFE`:
S ← S·2^(-Δ/h) + w. As halving does not depend on the order, S is the sum of all weights, each
scaled by 2^(t/h) from a landmark in time on, and scaled back when it is asked for. So sums can be
stored, added to in any order, and need no clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import Any

HALF_LIFE = timedelta(days=90)
LANDMARK = datetime(2020, 1, 1, tzinfo=UTC)
#: Half-lives from the landmark that a double has room for, on either side.
MAX_HALF_LIVES = 1000

#: What S must be for an interaction of 1 - 1/e.
SATURATION = 2.0

#: What S must be for a tie to be told of as strong: two exchanges of cards, or one friend.
STRONG = 4.0

#: What interaction, reciprocity and overlap contribute at most.
SHARES = (0.6, 0.2, 0.2)

#: The least strength that a path reckons with, as a tie of none has no logarithm.
LEAST = 1e-9


def half_lives(at: datetime) -> float:
    """Return how many half-lives after the landmark a time is, within what can be reckoned."""
    return max(-MAX_HALF_LIVES, min(MAX_HALF_LIVES, (at - LANDMARK) / HALF_LIFE))


def scaled(weight: float, at: datetime) -> float:
    """Return a weight as it is added up: heavier the later it was."""
    return float(weight * 2.0 ** half_lives(at))


def decayed(total: Any, at: datetime) -> Any:
    """Return what sums of scaled weights, a number or an array, weigh at a time."""
    return total * 2.0 ** -half_lives(at)


def is_strong(held: float, met: float, at: datetime) -> bool:
    """Return whether there is much between two people at a time, by the sums of their tie."""
    return held + float(decayed(met, at)) >= STRONG


def interaction(weight: float) -> float:
    """Return how much there is between two people, from 0 to below 1."""
    return 1.0 - exp(-weight / SATURATION)


def reciprocity(forward: float, backward: float) -> float:
    """Return how evenly it goes both ways, from 0 (one way only) to 1."""
    greater = max(forward, backward)
    return min(forward, backward) / greater if greater > 0 else 0.0


def overlap(common: int, degree: int, other_degree: int) -> float:
    """Return the part of the others known to either whom both know."""
    others = degree + other_degree - 2 - common
    return common / others if others > 0 else 0.0


def parts(forward: float, backward: float, neighbourhood: float) -> tuple[float, float, float]:
    """Return what interaction, reciprocity and overlap contribute; their sum is the strength."""
    raw = (interaction(forward + backward), reciprocity(forward, backward), neighbourhood)
    return (SHARES[0] * raw[0], SHARES[1] * raw[1], SHARES[2] * raw[2])


def cost(strength: float) -> float:
    """Return what a path pays for a tie: the less, the stronger it is."""
    return -log(max(strength, LEAST))
