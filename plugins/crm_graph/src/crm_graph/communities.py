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
    from graspologic_native import leiden

    # Ties that have faded away altogether are ties still; leiden fails where all weigh nothing.
    edges = [
        (str(low), str(high), max(strength, LEAST))
        for low, high, strength in zip(
            graph.low.tolist(), graph.high.tolist(), graph.strengths.tolist(), strict=True
        )
    ]
    modularity, found = leiden(edges, seed=_SEED)
    return Partition({int(place): label for place, label in sorted(found.items())}, modularity)


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
