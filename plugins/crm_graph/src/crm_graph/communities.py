"""Communities: people with more ties among each other than to others (Leiden)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from crm_graph.strength import LEAST

if TYPE_CHECKING:
    from crm_graph.snapshot import Snapshot

K = TypeVar("K")

_SEED = 20
_NAMES = 2


@dataclass(frozen=True, slots=True)
class Partition:
    """The community of each place that has a tie, and how good that is (modularity)."""

    community_of: Mapping[int, int]
    modularity: float


def partition(graph: Snapshot) -> Partition:
    """Return the communities of the connected people, the same for the same graph each time."""
    if not len(graph.low):
        return Partition({}, 0.0)
    import numpy as np
    from graspologic_native import leiden_csr

    people = np.flatnonzero(graph.degrees)
    row = np.full(graph.size, -1, np.int32)
    row[people] = np.arange(len(people))
    # Ties that have faded away altogether are ties still; leiden fails where all weigh nothing.
    weights = np.maximum(graph.strengths, LEAST)
    modularity, found = leiden_csr(
        np.concatenate([[0], np.cumsum(graph.degrees[people])]),
        row[graph.neighbours],
        weights[graph.tie_of],
        len(people),
        seed=_SEED,
    )
    labels = [found[number] for number in range(len(people))]
    return Partition(dict(zip(people.tolist(), labels, strict=True)), modularity)


def lasting_ids(new: Mapping[K, int], old: Mapping[K, int], unused: int) -> dict[int, int]:
    """Return the id of each new label: that of the old community that it is most like.

    Likeness is the Jaccard index of the members; the most alike find each other first, and no old
    id is given twice. What is like none gets a number from `unused` on.
    """
    sizes, before = Counter(new.values()), Counter(old.values())
    shared = Counter((label, old[key]) for key, label in new.items() if key in old)
    alike = sorted(
        (-both / (sizes[label] + before[ident] - both), ident, label)
        for (label, ident), both in shared.items()
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, ident, label in alike:
        if label not in found and ident not in taken:
            found[label] = ident
            taken.add(ident)
    fresh = sorted((label for label in sizes if label not in found), key=lambda x: (-sizes[x], x))
    return found | {label: unused + number for number, label in enumerate(fresh)}


def community_name(organisations: Sequence[str | None]) -> str | None:
    """Return the organisations that most members belong to, at least two of each; None if none."""
    counted = Counter(name for name in organisations if name)
    top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_NAMES]
    return ", ".join(name for name, members in top if members > 1) or None
