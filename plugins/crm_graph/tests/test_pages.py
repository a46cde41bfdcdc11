"""The picture, its tables, and what stands on the page of a contact."""

from __future__ import annotations

import json

import pytest

from crm_graph.contract import Drawings
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Browser

from .conftest import GraphClient


@pytest.fixture
def people(graph: GraphClient, workspace: WorkspaceUnderTest) -> list[str]:
    """Anna knows Bo, who knows Cleo; all is drawn."""
    found = graph.people("Anna", "Bo", "Cleo")
    graph.relate(found[0], found[1], "spouse")
    graph.relate(found[1], found[2], "friend")
    graph.person("Alone")
    graph.deliver()
    with workspace.acting_as("crm_graph"):
        assert service(Drawings).draw() == 3
    return found


def test_an_empty_graph_says_what_ties(signed_in: Browser) -> None:
    """There is neither a picture nor a script."""
    page = signed_in.get("/graph").text
    assert "No ties yet" in page
    assert "data-graph" not in page


def test_the_table_says_what_the_picture_shows(signed_in: Browser, people: list[str]) -> None:
    """The same people with their ties, and who has none is counted."""
    page = signed_in.get("/graph").text
    drawn = json.loads(signed_in.get("/graph/layout.json").data)
    assert sorted(drawn["names"]) == ["Anna", "Bo", "Cleo"]
    for ident in drawn["ids"]:
        assert f'href="/contacts/{ident}"' in page
    assert page.index(people[1]) < page.index(people[0])
    assert "People without any tie: 1" in page
    assert "WebGL" in page


@pytest.mark.parametrize(
    ("query", "order"),
    [("sort=name", [0, 1, 2]), ("sort=nonsense", [1, 0, 2]), ("page=-3", [1, 0, 2])],
)
def test_the_table_is_sorted_without_a_script(
    signed_in: Browser, people: list[str], query: str, order: list[int]
) -> None:
    """By a link; what makes no sense is the order by ties."""
    page = signed_in.get(f"/graph?{query}").text
    places = [page.index(f'href="/contacts/{people[one]}"') for one in order]
    assert places == sorted(places)


def test_ties_are_a_table_too(signed_in: Browser, people: list[str]) -> None:
    """The strongest first, in percent."""
    page = signed_in.get("/graph?table=ties").text.partition("<tbody>")[2]
    assert page.count("<tr>") == 2
    assert page.index(people[0]) < page.index(people[2])
    assert " %</td>" in page


def test_a_contact_shows_its_connections(signed_in: Browser, people: list[str]) -> None:
    """Why each tie is there, whom to know and through whom, and how introductions are seen."""
    panel = signed_in.get(f"/contacts/{people[0]}?_panel=crm_graph.connections").text
    assert f'href="/contacts/{people[1]}"' in panel
    assert "relationship" in panel
    assert "through Bo" in panel
    assert "Set your own contact" in panel


def test_a_contact_shows_who_can_introduce(
    signed_in: Browser, graph: GraphClient, people: list[str]
) -> None:
    """From the contact that the reader has marked as their own, over those between."""
    graph.send(
        "PATCH",
        "settings/crm_graph/mine",
        200,
        json={"values": {"own_contact": people[0]}},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    panel = signed_in.get(f"/contacts/{people[2]}?_panel=crm_graph.connections").text
    introduction = panel.partition("Who can introduce you")[2]
    assert introduction.index(people[1]) < introduction.index(people[2])
    own = signed_in.get(f"/contacts/{people[0]}?_panel=crm_graph.connections").text
    assert "introduce" not in own


def test_a_contact_that_ones_own_was_merged_into_is_oneself(
    signed_in: Browser, graph: GraphClient, people: list[str]
) -> None:
    """Nobody has to introduce one there."""
    twin = graph.person("Anna")
    graph.send(
        "PATCH",
        "settings/crm_graph/mine",
        200,
        json={"values": {"own_contact": twin}},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    graph.send("POST", f"contacts/{people[0]}/merge", 200, json={"merged_ids": [twin]})
    graph.deliver()
    own = signed_in.get(f"/contacts/{people[0]}?_panel=crm_graph.connections").text
    assert "introduce" not in own
    other = signed_in.get(f"/contacts/{people[2]}?_panel=crm_graph.connections").text
    assert "Who can introduce you" in other
