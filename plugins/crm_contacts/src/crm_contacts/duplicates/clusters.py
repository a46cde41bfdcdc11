"""Who belongs together: groups around one contact that all others resemble."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Contact = TypeVar("Contact", bound=Hashable)
Pair = tuple[Contact, Contact, float]


def clusters_of(
    pairs: Iterable[tuple[Contact, Contact, float]],
    apart: Iterable[tuple[Contact, Contact]] = (),
    *,
    least_support: float = 0.5,
) -> list[list[Contact]]:
    """Group contacts by pairs (both contacts, bits): who resembles one of a group is not yet in.

    Groups grow by their strongest pairs. Two become one only where more than `least_support` of
    all pairs between them resemble each other, and nobody said of one of these that they are
    apart; so A like B and B like C do not make A and C the same.
    """
    weights: dict[Contact, dict[Contact, float]] = defaultdict(dict)
    ordered = sorted(pairs, key=lambda pair: -pair[2])
    for one, other, bits in ordered:
        weights[one][other] = weights[other][one] = bits
    kept: dict[Contact, set[Contact]] = defaultdict(set)
    for one, other in apart:
        kept[one].add(other)
        kept[other].add(one)
    group: dict[Contact, list[Contact]] = {found: [found] for found in weights}
    for one, other, _ in ordered:
        mine, theirs = group[one], group[other]
        if mine is not theirs and _belong(mine, theirs, weights, kept, least_support):
            mine += theirs
            for found in theirs:
                group[found] = mine
    unique = {id(found): found for found in group.values()}
    return [found for found in unique.values() if len(found) > 1]


def _belong(
    mine: Sequence[Contact],
    theirs: Sequence[Contact],
    weights: dict[Contact, dict[Contact, float]],
    apart: dict[Contact, set[Contact]],
    least_support: float,
) -> bool:
    if any(other in apart[one] for one in mine if one in apart for other in theirs):
        return False
    linked = sum(other in weights[one] for one in mine for other in theirs)
    return linked > least_support * len(mine) * len(theirs)
