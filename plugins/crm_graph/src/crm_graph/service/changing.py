"""Changes of the graph: one after another, each a version, followed by a drawing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from crm_graph.repository import states, ties
from crm_graph.repository.evidence import Pair
from meishi.sdk import jobs
from meishi.sdk.context import current_settings

DRAW = "draw"

#: After so long a drawing that was asked for and never came is given up, and asked for again.
_PATIENCE = timedelta(hours=1)


def settle(pairs: Collection[Pair], *, changed: bool = False) -> None:
    """Sum up the evidence of pairs; a tie or people `changed` make a new version of the graph."""
    if ties.rebuild(pairs) or changed:
        states.move()
        ask_for_drawing()


def ask_for_drawing() -> None:
    """Ask for a drawing after a while, unless one is awaited: many changes are drawn at once."""
    asked_at = states.ask(_PATIENCE)
    if asked_at is not None:
        delay = timedelta(seconds=int(current_settings()["draw_delay_seconds"]))
        jobs.request(DRAW, jobs.JobOptions(at=asked_at + delay))
