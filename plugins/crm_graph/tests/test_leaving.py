"""Somebody leaves the graph while it is asked: behind the reading of it, before that of names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from crm_graph.contract import NodeNotFound
from crm_graph.repository import nodes
from crm_graph.service import GraphService
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import GraphClient

#: People leave between two steps of the service.
pytestmark = pytest.mark.inside

Leave = Callable[[str], GraphService]


@pytest.fixture
def people(graph: GraphClient) -> list[str]:
    """Anna knows Bo and Cleo, who know Dan."""
    found = graph.people("Anna", "Bo", "Cleo", "Dan")
    for source, target in ((0, 1), (0, 2), (1, 3), (2, 3)):
        graph.relate(found[source], found[target])
    graph.deliver()
    return found


@pytest.fixture
def leave(workspace: WorkspaceUnderTest, people: list[str]) -> Iterator[Leave]:
    """Return a graph that somebody leaves as soon as it was read."""

    def asked_while_leaving(contact_id: str) -> GraphService:
        leaving: list[UUID] = []

        def clock() -> datetime:
            nodes.remove(leaving)
            return datetime.now(UTC)

        service = GraphService(
            PluginContext(
                plugin="crm_graph",
                settings={"max_ties": 1000, "memory_mb": 16},
                clock=clock,
                new_id=uuid4,
                public_url="",
            )
        )
        service.nodes()
        leaving.append(UUID(contact_id))
        return service

    assert people
    with workspace.acting_as("crm_graph"):
        yield asked_while_leaving


def test_ways_past_them_are_left_out(leave: Leave, people: list[str]) -> None:
    """The other ways are answered."""
    anna, dan = UUID(people[0]), UUID(people[3])
    (way,) = leave(people[1]).paths(source_id=anna, target_id=dan)
    assert [person.name for person in way.people] == ["Anna", "Cleo", "Dan"]


def test_they_are_neither_tied_nor_recommended(leave: Leave, people: list[str]) -> None:
    """Nor does anybody become known through them."""
    anna = UUID(people[0])
    service = leave(people[1])
    assert [tie.target.name for tie in service.strongest(anna)] == ["Cleo"]
    (found,) = service.recommendations(anna)
    assert [person.name for person in found.through] == ["Cleo"]
    assert leave(people[3]).recommendations(anna) == ()


def test_what_is_asked_about_them_is_not_found(leave: Leave, people: list[str]) -> None:
    """As if it had been asked a moment later."""
    anna, bo = UUID(people[0]), UUID(people[1])
    with pytest.raises(NodeNotFound, match=str(bo)):
        leave(people[1]).strongest(bo)
    with pytest.raises(NodeNotFound, match=str(bo)):
        leave(people[1]).tie(anna, bo)
