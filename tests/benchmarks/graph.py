"""Paths, recommendations and communities: how long they take, and how good they are.

The graph is that of the data folder, if it is there, else one of the same size that is generated
with a fixed seed. Paths are compared with rustworkx's Dijkstra from the same start to the same end,
which need not heed the number of ties; recommendations with the same sum over rustworkx's
neighbours, in the same run. Recall says how many of a tenth of all ties, which were held out, come
back among the ten proposals of their ends.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import rustworkx

from crm_graph.communities import partition
from crm_graph.layout import layout
from crm_graph.paths import ways
from crm_graph.recommending import proposals
from crm_graph.snapshot import PackedGraph, Snapshot

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data"))
FILE = DATA / "graph" / "facebook_combined.txt"
SEED, QUESTIONS, NOW = 4039, 200, datetime(2026, 1, 1, tzinfo=UTC)
PROPOSALS, HELD_OUT = 10, 0.1
MOST = {"path_ratio_to_rustworkx": 1.0, "recommendations_ratio_to_rustworkx": 1.0}
LEAST = {"modularity": 0.83, "recall_at_10": 0.6}

Pair = tuple[int, int]


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    chance = random.Random(SEED)
    pairs = sorted(real_pairs() if FILE.is_file() else generated_pairs(chance))
    graph, read = timed(lambda: snapshot(pairs))
    found, leiden = timed(lambda: partition(graph))
    _, drawing = timed(lambda: layout(graph, found.community_of))
    figures = {
        "people": graph.size,
        "ties": len(pairs),
        "read_seconds": round(read, 3),
        "leiden_ms": round(1000 * leiden, 1),
        "modularity": round(found.modularity, 4),
        "layout_seconds": round(drawing, 2),
        **measured_questions(graph, chance),
        "recall_at_10": round(recall(pairs, chance), 3),
    }
    holds = not FILE.is_file() or (
        all(figures[name] <= most for name, most in MOST.items())
        and all(figures[name] >= least for name, least in LEAST.items())
    )
    document = {"benchmark": "graph", "figures": figures, "targets": MOST | LEAST, "holds": holds}
    print(f"{FILE.name if FILE.is_file() else 'a generated graph'}")
    print(json.dumps(document))


def real_pairs() -> Iterator[Pair]:
    """Yield the ties of the data folder's graph."""
    for line in FILE.read_text(encoding="ascii").splitlines():
        one, other = map(int, line.split())
        yield min(one, other), max(one, other)


def generated_pairs(chance: random.Random) -> set[Pair]:
    """Return groups in which nearly everybody knows each other, and some ties between them."""
    pairs = set()
    for first in range(0, 4000, 80):
        for low in range(first, first + 80):
            pairs |= {(low, high) for high in range(low + 1, first + 80) if chance.random() < 0.5}
    for _ in range(4000):
        low, high = sorted(chance.sample(range(4000), 2))
        pairs.add((low, high))
    return pairs


def snapshot(pairs: Sequence[Pair]) -> Snapshot:
    """Return a graph of pairs, all of them tied alike."""
    size = max(high for _, high in pairs) + 1
    held, met = np.full(len(pairs), 1.0, ">f8").tobytes(), np.zeros(len(pairs), ">f8").tobytes()
    packed = PackedGraph(
        version=1,
        stamp=UUID(int=1),
        ties=len(pairs),
        ids=b"".join(UUID(int=place + 1).bytes for place in range(size)),
        organisations=np.full(size, -1, ">i4").tobytes(),
        low=np.array([low for low, _ in pairs], ">i4").tobytes(),
        high=np.array([high for _, high in pairs], ">i4").tobytes(),
        held_forward=held,
        held_backward=held,
        met_forward=met,
        met_backward=met,
    )
    return Snapshot(packed, NOW)


def measured_questions(graph: Snapshot, chance: random.Random) -> dict[str, float]:
    """Return how long a path and recommendations take, also beside rustworkx."""
    peer = rustworkx.PyGraph()
    peer.add_nodes_from(range(graph.size))
    costs = (-np.log(graph.strengths)).tolist()
    peer.add_edges_from(list(zip(graph.low.tolist(), graph.high.tolist(), costs, strict=True)))
    asked = [(chance.randrange(graph.size), chance.randrange(graph.size)) for _ in range(QUESTIONS)]
    path = times(lambda start, end: ways(graph, start, [end], 1), asked)
    peer_path = times(
        lambda start, end: rustworkx.dijkstra_shortest_paths(
            peer, start, target=end, weight_fn=float
        ),
        asked,
    )
    whom = times(lambda start, _: proposals(graph, start, PROPOSALS), asked)
    peer_whom = times(lambda start, _: peers_proposals(peer, start), asked)
    return {
        "path_p50_ms": round(1000 * statistics.median(path), 3),
        "path_p95_ms": round(1000 * statistics.quantiles(path, n=20)[-1], 3),
        "path_ratio_to_rustworkx": round(statistics.median(path) / statistics.median(peer_path), 3),
        "recommendations_p50_ms": round(1000 * statistics.median(whom), 3),
        "recommendations_ratio_to_rustworkx": round(
            statistics.median(whom) / statistics.median(peer_whom), 3
        ),
    }


def peers_proposals(peer: rustworkx.PyGraph[int, float], place: int) -> list[tuple[int, float]]:
    """Return whom to know by rustworkx's neighbours."""
    known = {*peer.neighbors(place)}
    scores: dict[int, float] = defaultdict(float)
    for between in known:
        others = peer.neighbors(between)
        for other in others:
            scores[other] += 1 / len(others)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    strangers = [item for item in ranked if item[0] not in known and item[0] != place]
    return strangers[:PROPOSALS]


def times(work: Callable[[int, int], object], asked: Sequence[Pair]) -> list[float]:
    """Return how many seconds each question took."""
    taken = []
    for start, end in asked:
        begun = time.perf_counter()
        work(start, end)
        taken.append(time.perf_counter() - begun)
    return taken


def recall(pairs: Sequence[Pair], chance: random.Random) -> float:
    """Return which part of held-out ties is proposed to their ends, of as many as it may be."""
    held_out = set(chance.sample(pairs, int(HELD_OUT * len(pairs))))
    graph = snapshot([pair for pair in pairs if pair not in held_out])
    wanted: dict[int, set[int]] = {}
    for low, high in held_out:
        wanted.setdefault(low, set()).add(high)
        wanted.setdefault(high, set()).add(low)
    shares = []
    for place in sorted(place for place in wanted if place < graph.size):
        found = {one.place for one in proposals(graph, place, PROPOSALS)}
        shares.append(len(found & wanted[place]) / min(PROPOSALS, len(wanted[place])))
    return statistics.mean(shares)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what work comes to, and how many seconds it took."""
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


if __name__ == "__main__":
    main()
