"""What a process keeps of graphs."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread
from uuid import uuid4

import pytest

from crm_graph.service.snapshots import Snapshots
from crm_graph.snapshot import Snapshot
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import GraphClient

#: What a process of the plugin keeps.
pytestmark = pytest.mark.inside

THREADS = 4


def test_a_graph_that_many_want_at_once_is_read_once(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """As long as it is the same one, all of them have it from the first, and it is there once."""
    graph.people("Anna", "Bo", organisation="Ek")
    graph.deliver()
    together = Barrier(THREADS)

    def clock() -> datetime:
        together.wait(30)
        return datetime.now(UTC)

    snapshots = Snapshots(
        PluginContext(
            plugin="crm_graph",
            settings={"max_ties": 1000, "memory_mb": 16},
            clock=clock,
            new_id=uuid4,
            public_url="",
        )
    )
    found: list[Snapshot] = []

    def ask() -> None:
        with workspace.acting_as("crm_graph"):
            found.append(snapshots.current())

    threads = [Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == THREADS
    assert all(one is found[0] for one in found)
