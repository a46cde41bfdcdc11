"""What a worker computes."""

from __future__ import annotations

from crm_graph.contract import Drawings
from meishi.sdk.context import service
from meishi.sdk.plugin import JobResult


def draw() -> JobResult:
    """Compute communities and places of a workspace's graph."""
    return JobResult(value={"people": service(Drawings).draw()})
