"""Changes of the graph: one after another, each a version, followed by a drawing."""

from __future__ import annotations

from collections.abc import Collection

from crm_graph.repository import states, ties
from crm_graph.repository.evidence import Pair
from crm_graph.service.waiting import ask_for_drawing


def settle(pairs: Collection[Pair], *, changed: bool = False) -> None:
    """Sum up the evidence of pairs; a tie or people `changed` make a new version of the graph."""
    if ties.rebuild(pairs) or changed:
        states.move()
        ask_for_drawing()
