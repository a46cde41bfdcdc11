"""Whom somebody should know: those who are known to many that are not known to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_graph.snapshot import gathered

if TYPE_CHECKING:
    from crm_graph.snapshot import Floats, Snapshot

#: How many of those between two people are named.
MAX_THROUGH = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place, its score, and the places that contribute to it, those who do most first."""

    place: int
    score: float
    through: tuple[int, ...]


def proposals(graph: Snapshot, place: int, most: int) -> list[Proposal]:
    """Return whom to know by resource allocation (Zhou, Lü, Zhang 2009): best first.

    Everybody who is known hands out what they have in equal parts to those they know: the score
    of somebody is the sum of 1/degree over all common neighbours.
    """
    import numpy as np

    known = graph.neighbours[graph.around(place)]
    if not known.size:
        return []
    stands, of = gathered(graph.starts, known)
    others = graph.neighbours[stands]
    handed = 1.0 / graph.degrees[known][of]
    scores = np.bincount(others, handed, graph.size).astype(np.float64)
    scores[known] = 0.0
    scores[place] = 0.0
    best = _greatest(scores, most)
    return [Proposal(found, float(scores[found]), _between(graph, place, found)) for found in best]


def _greatest(scores: Floats, most: int) -> list[int]:
    """Return the places with the greatest scores above zero, by their order where equal."""
    import numpy as np

    there = np.flatnonzero(scores)
    order = np.lexsort((there, -scores[there]))
    return [int(found) for found in there[order[:most]]]


def _between(graph: Snapshot, place: int, other: int) -> tuple[int, ...]:
    import numpy as np

    both = np.intersect1d(
        graph.neighbours[graph.around(place)], graph.neighbours[graph.around(other)]
    )
    order = np.lexsort((both, graph.degrees[both]))
    return tuple(int(found) for found in both[order[:MAX_THROUGH]])
