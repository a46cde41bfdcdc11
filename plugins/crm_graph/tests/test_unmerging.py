"""Ties of contacts whose merge was taken back."""

from __future__ import annotations

from uuid import UUID

import pytest

from crm_graph.contract import Evidence, Ties
from crm_graph.repository import evidence
from crm_graph.subscribers import on_contact_unmerged
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.sdk.plugin import UnmergeReport
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import GraphClient

SOURCE = "exchange"


def merge(graph: GraphClient, target: str, *sources: str) -> None:
    """Merge contacts into one."""
    graph.send("POST", f"contacts/{target}/merge", 200, json={"merged_ids": list(sources)})


def unmerge(graph: GraphClient, source: str) -> None:
    """Take the merge of a contact back."""
    graph.send("POST", f"contacts/{source}/unmerge", 200)


def meet(workspace: WorkspaceUnderTest, key: str, one: str, other: str) -> None:
    """Store that two have met, as a source of its own would."""
    item = Evidence(key=key, source_id=UUID(one), target_id=UUID(other), mutual=True)
    with workspace.acting_as("crm_graph"):
        evidence.put(SOURCE, [(item, 2.0)])
        service(Ties).follow_exchanges((item,))


def rows(workspace: WorkspaceUnderTest) -> set[tuple[str, ...]]:
    """Return all evidence: source, key, both ends and direction."""
    with workspace.acting_as("crm_graph"):
        found = execute("SELECT source, key, low, high, direction FROM crm_graph.evidence")
    return {tuple(map(str, row)) for row in found}


def test_relationships_tie_whom_they_tied(graph: GraphClient) -> None:
    """After the merge was taken back, in their strength; nobody is tied to both."""
    anna, again, bo, cy = graph.people("Anna", "Anna", "Bo", "Cy")
    graph.relate(again, bo)
    graph.relate(anna, cy)
    before = graph.ties()
    merge(graph, anna, again)
    assert {*graph.ties()} == {(min(anna, other), max(anna, other)) for other in (bo, cy)}
    unmerge(graph, again)
    assert graph.ties() == pytest.approx(before)


@pytest.mark.inside
def test_ties_go_back(graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
    """Relationships and what others knew, in their directions; each is there once."""
    anna, again, bo, cy = graph.people("Anna", "Anna", "Bo", "Cy")
    graph.relate(again, bo)
    graph.relate(cy, again, "child")
    graph.relate(again, anna, "acquaintance")
    meet(workspace, "1", again, cy)
    before = graph.ties()
    said = rows(workspace)
    merge(graph, anna, again)
    assert {*graph.ties()} == {(min(anna, other), max(anna, other)) for other in (bo, cy)}
    unmerge(graph, again)
    assert graph.ties() == pytest.approx(before)
    assert rows(workspace) == said


@pytest.mark.inside
def test_what_comes_late_goes_back_too(graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
    """Evidence that named the merged contact, though it came in after the merge."""
    anna, again, bo = graph.people("Anna", "Anna", "Bo")
    merge(graph, anna, again)
    graph.deliver()
    meet(workspace, "1", again, bo)
    assert {*graph.ties()} == {(min(anna, bo), max(anna, bo))}
    unmerge(graph, again)
    assert {*graph.ties()} == {(min(again, bo), max(again, bo))}


@pytest.mark.inside
def test_what_was_retracted_since_does_not_come_back(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """Nobody knows of it any more."""
    anna, again, bo = graph.people("Anna", "Anna", "Bo")
    meet(workspace, "1", again, bo)
    merge(graph, anna, again)
    graph.deliver()
    with workspace.acting_as("crm_graph"):
        evidence.remove(SOURCE, ["1"])
    unmerge(graph, again)
    graph.deliver()
    assert rows(workspace) == set()


@pytest.mark.inside
def test_chains_give_back_what_was_whose(graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
    """The middle one comes back with what was merged into it before, and that after it."""
    first, second, third, friend = graph.people("A", "B", "C", "F")
    meet(workspace, "1", first, friend)
    meet(workspace, "2", second, friend)
    said = rows(workspace)
    merge(graph, second, first)
    graph.deliver()
    merge(graph, third, second)
    graph.deliver()
    unmerge(graph, second)
    assert {*graph.ties()} == {(min(second, friend), max(second, friend))}
    unmerge(graph, first)
    graph.deliver()
    assert rows(workspace) == said
    with workspace.acting_as("crm_graph"):
        assert execute("SELECT * FROM crm_graph.alias") == []
        report = on_contact_unmerged((UUID(first),), UUID(second))
    assert report == UnmergeReport(returned={"evidence": 0})
