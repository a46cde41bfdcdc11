"""Drawings, while the graph changes."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

import pytest

from crm_graph.contract import Drawings, Ties
from crm_graph.repository import states
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.sessions import WAITING

from .conftest import GraphClient

#: Somebody holds a lock of the plugin, as only its own code can.
pytestmark = pytest.mark.inside

DRAWN = "SELECT contact_id FROM crm_graph.place"


def test_who_is_forgotten_meanwhile_is_not_drawn(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """A drawing that was begun before does not bring them back."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo", organisation="Ek")
    graph.deliver()

    def draw() -> None:
        with workspace.acting_as("crm_graph"):
            service(Drawings).draw()

    drawing = Thread(target=draw)
    with workspace.acting_as("crm_graph"):
        states.lock()
        drawing.start()
        while execute(WAITING) == [(0,)]:
            assert drawing.is_alive()
        service(Ties).forget_contacts((UUID(cleo),))
    drawing.join()
    with workspace.acting_as("crm_graph"):
        assert {found for (found,) in execute(DRAWN)} == {UUID(anna), UUID(bo)}
    assert [group["size"] for group in graph.get("communities")["items"]] == [2]
