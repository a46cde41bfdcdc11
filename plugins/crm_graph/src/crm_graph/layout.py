"""Places of people in a picture: whoever is tied stands near, whoever is not stands apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi
from typing import TYPE_CHECKING

from crm_graph.neighbourhoods import most_connected
from crm_graph.placing import placed

if TYPE_CHECKING:
    from crm_graph.snapshot import Floats, Ints, Snapshot

#: People whom a browser can draw; of more, those with the fewest ties are left out.
MAX_DRAWN = 10_000

_SEED = 20
_ROUNDS = 60
#: People up to which everybody pushes everybody; among more, cells of a grid push as a whole.
_EXACT = 400
_CELLS = 16
#: People whose pushes are computed at once: with 256 cells, 4 MB for each array.
_BLOCK = 2_000
#: How strongly the middle pulls, so that parts without ties between them stay in the picture.
_GRAVITY = 0.05
_LEAST_DISTANCE = 1e-3
#: From one community to the next, so that none begins where another one does.
_GOLDEN_ANGLE = pi * (3 - 5**0.5)


def layout(
    graph: Snapshot, community_of: Mapping[int, int], most: int = MAX_DRAWN
) -> tuple[Ints, Floats]:
    """Return the places of the connected people, and where each stands: one row of x and y.

    Of more than are drawn, those with the fewest ties stand beside whom they know, so that a large
    graph takes no longer than one that is drawn in whole. The same graph looks the same each time.
    """
    import numpy as np

    people, drawn = np.flatnonzero(graph.degrees), most_connected(graph, most)
    at = _arranged(graph, drawn, community_of)
    if len(drawn) == len(people):
        return people, at
    known = {place: (x, y) for place, (x, y) in zip(drawn.tolist(), at.tolist(), strict=True)}
    return people, np.asarray(placed(graph, people, known))


def _arranged(graph: Snapshot, people: Ints, community_of: Mapping[int, int]) -> Floats:
    """Return where each of some people stands by the ties among them.

    Ties pull in proportion to distance and strength, people push each other in proportion to
    their degrees and against distance (after ForceAtlas2, Jacomy et al. 2014); steps get smaller
    from round to round. Communities begin side by side, so few rounds are enough.
    """
    import numpy as np

    where = np.full(graph.size, -1, np.int64)
    where[people] = np.arange(len(people))
    among = (where[graph.low] >= 0) & (where[graph.high] >= 0)
    ends = (where[graph.low[among]], where[graph.high[among]])
    at = _begun([community_of[place] for place in people.tolist()])
    mass = (graph.degrees[people] + 1.0).astype(np.float64)
    pulls = 0.1 + graph.strengths[among]
    for number in range(_ROUNDS if len(people) else 0):
        force = _pushes(at, mass) - _GRAVITY * mass[:, None] * at
        force += _pulls(at, ends, pulls)
        length = np.linalg.norm(force, axis=1, keepdims=True)
        most = np.sqrt(len(people)) * (1.0 - number / _ROUNDS) * 0.2
        at += force / np.maximum(length, _LEAST_DISTANCE) * np.minimum(length / mass[:, None], most)
    return _scaled(at)


def _begun(communities: Sequence[int]) -> Floats:
    """Return where everybody begins: around a circle, those of a community beside each other."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    radius = np.sqrt(len(communities) + 1)
    angle = np.asarray(communities, np.float64) * _GOLDEN_ANGLE
    middles = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius
    begun: Floats = middles + random.normal(size=(len(communities), 2)) * radius / 4
    return begun


def _pulls(at: Floats, ends: tuple[Ints, Ints], pulls: Floats) -> Floats:
    import numpy as np

    low, high = ends
    pulled = (at[high] - at[low]) * pulls[:, None]
    return np.stack(
        [
            np.bincount(low, pulled[:, axis], len(at)) - np.bincount(high, pulled[:, axis], len(at))
            for axis in (0, 1)
        ],
        axis=1,
    )


def _pushes(at: Floats, mass: Floats) -> Floats:
    """Return how all are pushed by all, or, if they are many, by what stands in each cell."""
    import numpy as np

    if len(at) <= _EXACT:
        return _pushed(at, mass, at, mass)
    least, most = at.min(axis=0), at.max(axis=0)
    step = np.maximum((most - least) / _CELLS, _LEAST_DISTANCE)
    cell = np.minimum(((at - least) / step).astype(np.int64), _CELLS - 1) @ [_CELLS, 1]
    weight = np.bincount(cell, mass, _CELLS * _CELLS).astype(np.float64)
    there = np.flatnonzero(weight)
    middle = np.stack(
        [np.bincount(cell, mass * at[:, axis], _CELLS * _CELLS)[there] for axis in (0, 1)], axis=1
    )
    return _pushed(at, mass, middle / weight[there][:, None], weight[there])


def _pushed(at: Floats, mass: Floats, by: Floats, weight: Floats) -> Floats:
    """Return how each is pushed by some points with these weights; some at a time, to be small."""
    import numpy as np

    blocks = [slice(start, start + _BLOCK) for start in range(0, len(at), _BLOCK)]
    return np.concatenate([_block_pushed(at[some], mass[some], by, weight) for some in blocks])


def _block_pushed(at: Floats, mass: Floats, by: Floats, weight: Floats) -> Floats:
    import numpy as np

    x, y = at[:, :1] - by[:, 0], at[:, 1:] - by[:, 1]
    push = mass[:, None] * weight / (x * x + y * y + _LEAST_DISTANCE)
    return np.stack([(push * x).sum(axis=1), (push * y).sum(axis=1)], axis=1)


def _scaled(at: Floats) -> Floats:
    """Return the picture around the origin, as large as its largest extent from -1 to 1."""
    import numpy as np

    if not len(at):
        return at
    centred: Floats = at - (at.max(axis=0) + at.min(axis=0)) / 2
    scaled: Floats = centred / max(float(np.abs(centred).max()), _LEAST_DISTANCE)
    return scaled
