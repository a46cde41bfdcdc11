"""Cohorts: how many new people each member brings, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_viral.contract import Growth

#: Of a hundred such intervals, so many hold the truth.
CONFIDENCE = 0.95
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Inviters:
    """How many members of a cohort have invited and brought so many each."""

    invitations: int
    activated: int
    members: int


def growth(inviters: Sequence[Inviters], *, seed: int) -> Growth:
    """Return K of a cohort with a percentile bootstrap over its inviters.

    Members of the same numbers are drawn together, as one multinomial: a million members are as
    quick as a thousand. The interval depends on the numbers and the seed alone.
    """
    members = sum(group.members for group in inviters)
    invitations = sum(group.invitations * group.members for group in inviters)
    activated = sum(group.activated * group.members for group in inviters)
    if not members:
        return _nothing()
    low, high = _interval(inviters, members, seed)
    return Growth(
        members=members,
        invitations=invitations,
        activated=activated,
        invitations_each=invitations / members,
        conversion=activated / invitations if invitations else None,
        k=activated / members,
        k_low=low,
        k_high=high,
        confidence=CONFIDENCE,
    )


def _interval(inviters: Sequence[Inviters], members: int, seed: int) -> tuple[float, float]:
    import numpy as np

    # By what counts alone, so that the order of the groups does not matter.
    by_activated: dict[int, int] = {}
    for group in inviters:
        by_activated[group.activated] = by_activated.get(group.activated, 0) + group.members
    values = np.array(sorted(by_activated))
    weights = np.array([by_activated[value] for value in sorted(by_activated)]) / members
    drawn = np.random.default_rng(seed).multinomial(members, weights, size=_RESAMPLES)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn @ values / members, [tail, 1 - tail])
    return float(low), float(high)


def _nothing() -> Growth:
    return Growth(
        members=0,
        invitations=0,
        activated=0,
        invitations_each=None,
        conversion=None,
        k=None,
        k_low=None,
        k_high=None,
        confidence=CONFIDENCE,
    )
