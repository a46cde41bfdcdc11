"""Where those stand who came into the graph since it was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_graph.snapshot import Ints, Snapshot

#: From one to the next around a circle, so that no two of them stand on each other.
_GOLDEN_ANGLE = pi * (3 - 5**0.5)
_ASIDE = 0.03
_EDGE = 1.1


def placed(
    graph: Snapshot, places: Ints, known: Mapping[int | None, tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return where each place is drawn: as it was, else beside its neighbours, else at the edge."""
    return [known.get(place) or _beside(graph, place, known) for place in places.tolist()]


def _beside(
    graph: Snapshot, place: int, known: Mapping[int | None, tuple[float, float]]
) -> tuple[float, float]:
    angle = place * _GOLDEN_ANGLE
    around = graph.neighbours[graph.around(place)].tolist()
    near = [known[other] for other in around if other in known]
    if not near:
        return _EDGE * cos(angle), _EDGE * sin(angle)
    x, y = (sum(values) / len(near) for values in zip(*near, strict=True))
    return x + _ASIDE * cos(angle), y + _ASIDE * sin(angle)
