"""Ways of introductions: the cheapest paths over few ties, where strong ties are cheap."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice
from math import inf, isfinite
from typing import TYPE_CHECKING

from crm_graph.snapshot import gathered

if TYPE_CHECKING:
    from crm_graph.snapshot import Floats, Ints, Snapshot

#: Ties of a way: who is asked over more people than that does not know for whom.
MAX_HOPS = 4

#: Paths that are looked at before the search for further alternatives ends.
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Way:
    """Places from one end to the other, and the sum of the costs of the ties between them."""

    places: tuple[int, ...]
    cost: float


def ways(graph: Snapshot, start: int, ends: Collection[int], alternatives: int) -> list[Way]:
    """Return the cheapest ways to any of the `ends`, none of them twice past anybody."""
    goals = set(ends) - {start}
    return list(islice(_in_order(graph, start, goals), alternatives)) if goals else []


def _in_order(graph: Snapshot, start: int, goals: set[int]) -> Iterator[Way]:
    """Yield ways, cheapest first.

    What is left from each place is known before, so the search follows the cheapest ways alone,
    and reaches each of them in its turn (A* with what it really costs, loops aside).
    """
    to_go, whole = _to_go(graph, sorted(goals), start)
    order = count()
    waiting: list[tuple[float, int, float, tuple[int, ...]]]
    waiting = [(whole, next(order), 0.0, (start,))] if isfinite(whole) else []
    for _ in range(_MOST_STEPS):
        if not waiting:
            return
        _, _, paid, places = heappop(waiting)
        if places[-1] in goals:
            yield Way(places, paid)
            continue
        around = graph.around(places[-1])
        others, costs = graph.neighbours[around], paid + graph.costs[around]
        rest = to_go[MAX_HOPS - len(places)][others]
        for other, total, left in zip(others.tolist(), costs.tolist(), rest.tolist(), strict=True):
            if isfinite(left) and other not in places:
                heappush(waiting, (total + left, next(order), total, (*places, other)))


def _to_go(graph: Snapshot, goals: list[int], start: int) -> tuple[list[Floats], float]:
    """Return what is left to pay from each place to a goal, over at most 0, 1, 2 … ties.

    Over as many as a way may have, that of the start alone.
    """
    import numpy as np

    costs = np.full(graph.size, np.inf)
    costs[goals] = 0.0
    to_go, fresh = [costs], np.asarray(goals, np.int64)
    for _ in range(MAX_HOPS - 1):
        costs, fresh = _one_further(graph, costs, fresh)
        to_go.append(costs)
    around = graph.around(start)
    ahead = graph.costs[around] + costs[graph.neighbours[around]]
    return to_go, float(ahead.min()) if ahead.size else inf


def _one_further(graph: Snapshot, costs: Floats, fresh: Ints) -> tuple[Floats, Ints]:
    """Return the costs with one tie more, and the places that became cheaper by it."""
    import numpy as np

    stands, of = gathered(graph.starts, fresh)
    others = graph.neighbours[stands]
    cheaper = costs.copy()
    np.minimum.at(cheaper, others, costs[fresh][of] + graph.costs[stands])
    return cheaper, np.flatnonzero(cheaper < costs)
