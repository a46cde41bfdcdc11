"""Graphs made of pairs, without a database."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st

from crm_graph.snapshot import PackedGraph, Snapshot

NOW = datetime(2026, 5, 1, tzinfo=UTC)
Pair = tuple[int, int]


def graph_of(
    size: int,
    held: Mapping[Pair, tuple[float, float]],
    organisations: Sequence[int] | None = None,
) -> Snapshot:
    """Return a graph of places, and what is held both ways between some of them.

    Who has the same number in `organisations`, if it is not -1, is tied besides.
    """
    pairs = sorted(held)

    def floats(values: Iterable[float]) -> bytes:
        return b"".join(struct.pack(">d", value) for value in values)

    def ints(values: Iterable[int]) -> bytes:
        return b"".join(struct.pack(">i", value) for value in values)

    packed = PackedGraph(
        version=1,
        stamp=UUID(int=1),
        ties=len(pairs),
        ids=b"".join(UUID(int=place + 1).bytes for place in range(size)),
        organisations=ints(organisations or [-1] * size),
        low=ints(low for low, _ in pairs),
        high=ints(high for _, high in pairs),
        held_forward=floats(held[pair][0] for pair in pairs),
        held_backward=floats(held[pair][1] for pair in pairs),
        met_forward=floats(0.0 for _ in pairs),
        met_backward=floats(0.0 for _ in pairs),
    )
    return Snapshot(packed, NOW)


@st.composite
def graphs(draw: st.DrawFn) -> Snapshot:
    """Draw graphs of a few people, with ties of different weights and directions."""
    size = draw(st.integers(2, 12))
    pairs = [(low, high) for low in range(size) for high in range(low + 1, size)]
    weights = st.tuples(st.floats(0.0, 6.0), st.floats(0.01, 6.0))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    return graph_of(size, {pair: draw(weights) for pair in chosen})
