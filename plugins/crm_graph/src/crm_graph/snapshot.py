"""A workspace's graph at one moment, in arrays that many questions are answered from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from crm_graph.colleagues import colleagues
from crm_graph.strength import LEAST, SATURATION, SHARES, decayed
from crm_graph.triangles import common_neighbours

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PackedGraph:
    """A graph as the database hands it over: numbers one after another, in network order.

    `low` and `high` are places in `ids`, which are in order; so are the ties. They and their sums
    are what is stored; `organisations` has a number for each person, and those who share one are
    tied besides. Of a graph with more ties than were asked for, there is just how many, or a part.
    """

    version: int
    stamp: UUID
    ties: int
    ids: bytes
    organisations: bytes
    low: bytes
    high: bytes
    held_forward: bytes
    held_backward: bytes
    met_forward: bytes
    met_backward: bytes


class Snapshot:
    """People by their places, and who is tied to whom.

    The neighbours of `i` stand in `neighbours[starts[i]:starts[i + 1]]`, in order, with the number
    of their tie in `tie_of`.
    """

    def __init__(self, packed: PackedGraph, at: datetime) -> None:
        self.version, self.stamp, self.at = packed.version, packed.stamp, at
        self._ids = packed.ids
        self.size = len(packed.ids) // 16
        forward, backward = self._tie(packed)
        self._connect()
        self.common: Ints = common_neighbours(self)
        self._weigh(forward, backward)

    def _tie(self, packed: PackedGraph) -> tuple[Floats, Floats]:
        """Bring together what is stored and who are colleagues; return what goes each way."""
        import numpy as np

        stored = _ints(packed.low) * self.size + _ints(packed.high)
        low, high, weights = colleagues(_ints(packed.organisations))
        shared = low * self.size + high
        pairs = np.union1d(stored, shared)
        self.low: Ints = pairs // max(self.size, 1)
        self.high: Ints = pairs % max(self.size, 1)
        ways = []
        for held, met in (
            (packed.held_forward, packed.met_forward),
            (packed.held_backward, packed.met_backward),
        ):
            way = np.zeros(len(pairs))
            way[np.searchsorted(pairs, stored)] = _floats(held) + decayed(_floats(met), self.at)
            way[np.searchsorted(pairs, shared)] += weights / 2
            ways.append(way)
        return ways[0], ways[1]

    def _connect(self) -> None:
        import numpy as np

        ties = np.arange(len(self.low))
        ends = np.concatenate([self.low, self.high])
        others = np.concatenate([self.high, self.low])
        order = np.lexsort((others, ends))
        self.degrees: Ints = np.bincount(ends, minlength=self.size)
        self.starts: Ints = np.concatenate([[0], np.cumsum(self.degrees)])
        self.neighbours: Ints = others[order]
        self.tie_of: Ints = np.concatenate([ties, ties])[order]

    def _weigh(self, forward: Floats, backward: Floats) -> None:
        """Compute what `strength` says of one tie for all of them."""
        import numpy as np

        greater = np.maximum(forward, backward)
        known = self.degrees[self.low] + self.degrees[self.high] - 2 - self.common
        self.parts: Floats = np.stack(
            [
                SHARES[0] * (1.0 - np.exp(-(forward + backward) / SATURATION)),
                SHARES[1] * np.minimum(forward, backward) / np.where(greater > 0, greater, 1.0),
                SHARES[2] * self.common / np.maximum(known, 1),
            ]
        )
        self.strengths: Floats = self.parts.sum(axis=0)
        costs = -np.log(np.maximum(self.strengths, LEAST))
        self.costs: Floats = costs[self.tie_of]

    @cached_property
    def _places(self) -> dict[bytes, int]:
        ids = self._ids
        return {ids[start : start + 16]: start // 16 for start in range(0, len(ids), 16)}

    def place(self, contact_id: UUID) -> int | None:
        """Return the place of a contact; None if it is not in the graph."""
        return self._places.get(contact_id.bytes)

    def id(self, place: int) -> UUID:
        """Return the contact at a place."""
        return UUID(bytes=self._ids[16 * place : 16 * place + 16])

    def around(self, place: int) -> slice:
        """Return where the neighbours of a place stand."""
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    def tie(self, place: int, other: int) -> int | None:
        """Return the number of the tie of two people; None if they have none."""
        import numpy as np

        around = self.around(place)
        found = int(np.searchsorted(self.neighbours[around], other))
        if found == around.stop - around.start or self.neighbours[around.start + found] != other:
            return None
        return int(self.tie_of[around.start + found])

    @property
    def bytes(self) -> int:
        """How much memory it takes, about."""
        arrays = (self.low, self.high, self.degrees, self.starts, self.neighbours, self.tie_of,
                  self.common, self.parts, self.strengths, self.costs)  # fmt: skip
        return sum(array.nbytes for array in arrays) + 120 * self.size


def _ints(packed: bytes) -> Ints:
    import numpy as np

    return np.frombuffer(packed, ">i4").astype(np.int64)


def _floats(packed: bytes) -> Floats:
    import numpy as np

    return np.frombuffer(packed, ">f8").astype(np.float64)


def gathered(starts: Ints, places: Ints) -> tuple[Ints, Ints]:
    """Return where all neighbours of some places stand, and which of the places each is of."""
    import numpy as np

    counts = starts[places + 1] - starts[places]
    of = np.repeat(np.arange(len(places)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    return np.arange(len(of)) - before + starts[places][of], of
