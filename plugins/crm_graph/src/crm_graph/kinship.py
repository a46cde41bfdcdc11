"""What types of relationships (RFC 6350, 6.6.6) say about how well two people know each other."""

from __future__ import annotations

from collections.abc import Mapping

_BY_WEIGHT: Mapping[float, str] = {
    6.0: "me spouse sweetheart",
    4.0: "child co-resident date friend kin parent sibling",
    3.0: "co-worker colleague",
    2.0: "agent contact crush emergency neighbor",
    1.0: "acquaintance met muse",
}
#: What one may be to another who does not know it.
_ONE_WAY = frozenset({"agent", "crush", "emergency", "muse"})


def relationship_weight(kind: str) -> float:
    """Return what a relationship weighs, where being the only colleagues of each other is 1."""
    return next((weight for weight, kinds in _BY_WEIGHT.items() if kind in kinds.split()), 1.0)


def is_mutual(kind: str) -> bool:
    """Return whether a relationship holds both ways, whoever has written it down."""
    return kind not in _ONE_WAY
