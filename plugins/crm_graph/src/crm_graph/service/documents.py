"""Large answers, as JSON of parallel arrays: ready to be sent, and read without objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from crm_graph.layout import MAX_DRAWN
from crm_graph.neighbourhoods import most_connected, positions, ties_among, within
from crm_graph.placing import placed
from crm_graph.repository import nodes as people
from crm_graph.repository import pictures, states
from meishi.sdk.contract import Document

if TYPE_CHECKING:
    from crm_graph.snapshot import Ints, Snapshot

#: Ties that a browser can draw beside `MAX_DRAWN` people; the weakest of more are left out.
MAX_DRAWN_TIES = 100_000
_DIGITS = 4


def nodes(graph: Snapshot) -> Document:
    """Return all people in the order of their ids."""
    ids = [graph.id(place) for place in range(graph.size)]
    return _document(graph, _described(graph, ids))


def ties(graph: Snapshot, place: int | None, least: float) -> Document:
    """Return ties, strongest first: all, or those of one place."""
    import numpy as np

    if place is None:
        wanted = np.flatnonzero(graph.strengths >= least)
    else:
        own = graph.tie_of[graph.around(place)]
        wanted = own[graph.strengths[own] >= least]
    numbers = wanted[np.lexsort((wanted, -graph.strengths[wanted]))]
    there = np.unique(np.concatenate([graph.low[numbers], graph.high[numbers]]))
    ids = [graph.id(int(found)) for found in there]
    return _document(graph, {"ids": ids, **_tied(graph, there, numbers)})


def ego(graph: Snapshot, place: int, hops: int) -> Document:
    """Return who is around a place, nearest first, and the ties among them."""
    there, away = within(graph, place, hops)
    numbers, _ = ties_among(graph, there, 0.0, MAX_DRAWN_TIES)
    ids = [graph.id(int(found)) for found in there]
    hop = {"hops": away.tolist()}
    return _document(graph, {**_described(graph, ids), **hop, **_tied(graph, there, numbers)})


def layout(graph: Snapshot) -> Document:
    """Return where the connected people stand; who came since the last drawing, beside theirs."""
    connected = int((graph.degrees > 0).sum())
    there = most_connected(graph, MAX_DRAWN)
    numbers, left = ties_among(graph, there, 0.0, MAX_DRAWN_TIES)
    ids = [graph.id(int(found)) for found in there]
    spots = pictures.spots()
    points = placed(graph, there, {graph.place(one): (at.x, at.y) for one, at in spots.items()})
    drawn = {
        **_described(graph, ids),
        "x": [round(x, _DIGITS) for x, _ in points],
        "y": [round(y, _DIGITS) for _, y in points],
        **_tied(graph, there, numbers),
        "drawn_version": states.read().drawn_version,
        "unconnected": graph.size - connected,
        "nodes_left_out": connected - len(there),
        "ties_left_out": left,
    }
    return _document(graph, drawn)


def _described(graph: Snapshot, ids: list[UUID]) -> dict[str, object]:
    communities, known = pictures.communities_of(ids), people.find(ids)
    found = [known.get(one) for one in ids]
    return {
        "ids": ids,
        "names": [node.name if node else "" for node in found],
        "organisations": [node.organisation if node else None for node in found],
        "degrees": [int(graph.degrees[graph.place(one) or 0]) for one in ids],
        "communities": [communities.get(one) for one in ids],
    }


def _tied(graph: Snapshot, there: Ints, numbers: Ints) -> dict[str, object]:
    return {
        "sources": positions(graph, there, graph.low[numbers]),
        "targets": positions(graph, there, graph.high[numbers]),
        "strengths": [round(found, _DIGITS) for found in graph.strengths[numbers].tolist()],
    }


def _document(graph: Snapshot, said: Mapping[str, object]) -> Document:
    body = msgspec.json.encode({"version": graph.version, **said})
    return Document(version=graph.version, body=body)
