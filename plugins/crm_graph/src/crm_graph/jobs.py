"""What a worker computes."""

from __future__ import annotations

from datetime import datetime

from crm_graph.contract import Drawings
from meishi.sdk.context import service
from meishi.sdk.plugin import JobResult


def draw(*, asked_at: datetime | None = None) -> JobResult | None:
    """Compute communities and places of a workspace's graph.

    What changes asked for at a time waits until the graph is at rest, in another job: this one is
    done then.
    """
    drawings = service(Drawings)
    people = drawings.draw() if asked_at is None else drawings.draw_at_rest(asked_at)
    return None if people is None else JobResult(value={"people": people})
