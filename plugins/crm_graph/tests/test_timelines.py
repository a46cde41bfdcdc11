"""What the graph tells on the timelines of contacts: few entries, of what is worth knowing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_graph.contract import Evidence, Ties
from crm_graph.strength import STRONG, is_strong, scaled
from meishi.sdk.context import service
from meishi.testing.browsing import Browser
from meishi.testing.types import WorkspaceUnderTest

from .conftest import GraphClient, Json

FOUND, STRENGTHENED = "ties_found", "ties_strengthened"


def told(graph: GraphClient, contact_id: str) -> list[Json]:
    """Deliver what has happened, and what follows from it; return what the graph tells."""
    for _ in range(2):
        graph.deliver()
    found = graph.send("GET", f"contacts/{contact_id}/timeline", 200).json["items"]
    return [item for item in found if item["plugin"] == "crm_graph"]


def kinds(graph: GraphClient, *contact_ids: str) -> list[list[str]]:
    """Return what the graph tells of each contact, newest first."""
    return [[item["kind"] for item in told(graph, contact_id)] for contact_id in contact_ids]


def meet(workspace: WorkspaceUnderTest, one: str, other: str, key: str, days_ago: int = 0) -> None:
    """Let two have met."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    meeting = Evidence(
        key=key, source_id=UUID(one), target_id=UUID(other), mutual=True, occurred_at=at
    )
    with workspace.acting_as("crm_graph"):
        service(Ties).follow_exchanges((meeting,))


def test_a_first_relationship_tells_of_itself(graph: GraphClient) -> None:
    """So the graph does not tell of it again, however strong it is."""
    anna, bo = graph.people("Anna", "Bo")
    graph.relate(anna, bo, "spouse")
    assert kinds(graph, anna, bo) == [[], []]


def test_a_tie_that_becomes_strong_is_told_to_both_once(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """When it crosses the mark, and not as it grows further, or weaker."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo")
    relationship = graph.relate(anna, bo, "colleague")
    graph.relate(anna, cleo, "met")
    assert kinds(graph, anna) == [[]]
    meet(workspace, bo, anna, "first")
    assert kinds(graph, anna, bo, cleo) == [[STRENGTHENED], [STRENGTHENED], []]
    (entry,) = told(graph, bo)
    assert entry["title"] == "A tie to somebody became strong"
    assert entry["details"] == []
    meet(workspace, bo, anna, "second")
    assert graph.client.delete(
        f"/api/v1/contacts/relationships/{relationship}",
        headers=graph.headers | {"If-Match": "*"},
    ).status_code == 204  # fmt: skip
    assert kinds(graph, anna, bo) == [[STRENGTHENED], [STRENGTHENED]]


def test_what_was_long_ago_makes_no_tie_strong(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """It has faded; and what comes in again under its key is no news."""
    anna, bo = graph.people("Anna", "Bo")
    graph.deliver()
    for number, days_ago in enumerate([300, 200, 100, 0, 0]):
        meet(workspace, anna, bo, str(min(number, 3)), days_ago)
    assert kinds(graph, anna) == [[]]
    meet(workspace, anna, bo, "again")
    assert kinds(graph, anna) == [[STRENGTHENED]]


def test_who_comes_back_or_is_merged_is_told_of_once(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """A restored contact has its ties anew, and a merged one's move: nobody has found them now."""
    anna, bo, twin = graph.people("Anna", "Bo", "Bo")
    graph.relate(anna, twin, "colleague")
    graph.deliver()
    meet(workspace, twin, anna, "first")
    assert kinds(graph, anna) == [[STRENGTHENED]]
    graph.delete(anna)
    graph.deliver()
    graph.send("POST", f"contacts/{anna}/restore", 200)
    graph.deliver()
    graph.send("POST", f"contacts/{bo}/merge", 200, json={"merged_ids": [twin]})
    assert kinds(graph, anna, bo) == [[STRENGTHENED], [STRENGTHENED]]


def test_the_page_of_a_contact_tells_it_in_its_reader_s_language(
    graph: GraphClient, workspace: WorkspaceUnderTest, signed_in: Browser
) -> None:
    """In words, and naming nobody."""
    anna, bo = graph.people("Anna", "Bo")
    graph.relate(anna, bo, "colleague")
    graph.deliver()
    meet(workspace, anna, bo, "first")
    assert kinds(graph, anna) == [[STRENGTHENED]]
    page = signed_in.get(f"/contacts/{anna}/timeline").text
    assert "A tie to somebody became strong" in page
    german = signed_in.get(f"/contacts/{anna}/timeline", headers={"Accept-Language": "de"}).text
    assert "Eine Verbindung zu jemandem ist stark geworden" in german


@given(held=st.floats(0, 2 * STRONG), met=st.floats(0, 2 * STRONG), days=st.integers(0, 5000))
def test_a_tie_is_strong_by_what_it_weighs_at_the_time(held: float, met: float, days: int) -> None:
    """What is held counts in full, and what was met fades: it makes no tie strong later on."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    total = scaled(met, at)
    if abs(held + met - STRONG) > 1e-6:
        assert is_strong(held, total, at) == (held + met >= STRONG)
    if is_strong(held, total, at + timedelta(days=days)):
        assert is_strong(held, total, at)


@pytest.mark.parametrize("met", [STRONG, 0.0])
def test_the_mark_itself_is_strong(met: float) -> None:
    """Two exchanges of cards on one day reach it."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert is_strong(STRONG - met, scaled(met, at), at)
