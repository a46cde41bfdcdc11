"""Changes of the graph: one after another, each a version, followed by a drawing."""

from __future__ import annotations

from collections.abc import Collection

from crm_graph.repository import states, ties
from crm_graph.repository.evidence import Pair
from crm_graph.repository.ties import TieChange
from crm_graph.service.waiting import ask_for_drawing


def settle(pairs: Collection[Pair], *, changed: bool = False) -> list[TieChange]:
    """Sum up the evidence of pairs, and return what became of their ties.

    A tie or people `changed` make a new version of the graph.
    """
    changes = ties.rebuild(pairs)
    if changes or changed:
        states.move()
        ask_for_drawing()
    return changes
