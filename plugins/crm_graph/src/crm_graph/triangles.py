"""How many others both ends of each tie know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Candidates that are looked at together: some tens of megabytes.
_AT_ONCE = 1_000_000


class Connected(Protocol):
    """Places, ties by their ends, and how many ties each place has."""

    size: int
    low: NDArray[Any]
    high: NDArray[Any]
    degrees: NDArray[Any]


def common_neighbours(graph: Connected) -> NDArray[Any]:
    """Return, for each tie, how many people are tied to both of its ends.

    Each tie points to the end with more of them. So every triangle has one corner that points to
    both others, is found there once, and nobody has many ties to follow, however many there are.
    """
    import numpy as np

    rank = np.empty(graph.size, np.int64)
    rank[np.lexsort((np.arange(graph.size), graph.degrees))] = np.arange(graph.size)
    first, second = rank[graph.low], rank[graph.high]
    tail, head = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((head, tail))
    tail, head = tail[order], head[order]
    starts = np.searchsorted(tail, np.arange(graph.size + 1))
    keys = tail * graph.size + head
    counted = np.zeros(len(keys), np.int64)
    # For the tie a→b: the other ties a→c, c behind b, and whether there is b→c.
    left = starts[tail + 1] - np.arange(len(tail)) - 1
    ends = np.cumsum(left)
    begin = 0
    while begin < len(tail):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
        _count(keys, head, left, counted, slice(begin, end), graph.size)
        begin = end
    common = np.empty(len(keys), np.int64)
    common[order] = counted
    return common


def _count(
    keys: NDArray[Any],
    head: NDArray[Any],
    left: NDArray[Any],
    counted: NDArray[Any],
    some: slice,
    size: int,
) -> None:
    """Add the triangles that begin with some of the ties."""
    import numpy as np

    numbers = np.arange(some.start, some.stop)
    of = np.repeat(numbers, left[some])
    before = np.repeat(np.cumsum(left[some]) - left[some], left[some])
    other = of + 1 + np.arange(len(of)) - before
    wanted = head[of] * size + head[other]
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    closed = keys[found] == wanted
    for ties in (of[closed], other[closed], found[closed]):
        counted += np.bincount(ties, minlength=len(keys))
