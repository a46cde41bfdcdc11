"""Who is around somebody, and which ties are among some people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_graph.snapshot import gathered

if TYPE_CHECKING:
    from crm_graph.snapshot import Ints, Snapshot

#: People of an ego network: more are neither read nor drawn.
MAX_EGO = 2000


def within(graph: Snapshot, place: int, hops: int) -> tuple[Ints, Ints]:
    """Return the places within so many ties of one, nearest first, and how many ties away each is.

    Of more than `MAX_EGO` the farthest are left out, and among these those with fewest ties.
    """
    import numpy as np

    away = np.full(graph.size, -1, np.int64)
    away[place] = 0
    ring = np.asarray([place])
    for hop in range(1, hops + 1):
        stands, _ = gathered(graph.starts, ring)
        found = np.unique(graph.neighbours[stands])
        ring = found[away[found] < 0]
        away[ring] = hop
    there = np.flatnonzero(away >= 0)
    order = np.lexsort((there, -graph.degrees[there], away[there]))[:MAX_EGO]
    return there[order], away[there[order]]


def most_connected(graph: Snapshot, most: int) -> Ints:
    """Return the places of those with most ties, in order; nobody is among them who has none."""
    import numpy as np

    connected = np.flatnonzero(graph.degrees)
    order = np.lexsort((connected, -graph.degrees[connected]))
    return np.sort(connected[order[:most]])


def ties_among(graph: Snapshot, places: Ints, least: float, most: int) -> tuple[Ints, int]:
    """Return the numbers of the strongest ties that have both ends there, and how many were left.

    Strongest first; none is weaker than `least`.
    """
    import numpy as np

    inside = np.zeros(graph.size, bool)
    inside[places] = True
    wanted = inside[graph.low] & inside[graph.high] & (graph.strengths >= least)
    ties = np.flatnonzero(wanted)
    order = np.lexsort((ties, -graph.strengths[ties]))
    return ties[order[:most]], max(0, len(ties) - most)


def positions(graph: Snapshot, places: Ints, ends: Ints) -> list[int]:
    """Return where each of some ends stands among the places."""
    import numpy as np

    where = np.full(graph.size, -1, np.int64)
    where[places] = np.arange(len(places))
    return [int(found) for found in where[ends]]
