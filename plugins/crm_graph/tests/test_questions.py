"""What is asked of a workspace's graph."""

from __future__ import annotations

import itertools
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_graph.contract import Graph
from crm_graph.repository import states, ties
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, JobRuns

from .conftest import GraphClient

PLACES = """
    INSERT INTO crm_graph.place (workspace_id, contact_id, community, x, y)
    SELECT %(workspace)s, gen_random_uuid(), 1, 0, 0 FROM generate_series(1, 3000)
"""
READ = """
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
    WHERE schemaname = 'crm_graph' AND relname = 'place'
"""


def names(people: list[dict[str, Any]]) -> list[str]:
    """Return the names of people."""
    return [person["name"] for person in people]


def chain(graph: GraphClient, *people: str, kind: str = "friend") -> None:
    """Relate each to the next."""
    for source, target in itertools.pairwise(people):
        graph.relate(source, target, kind)


def test_paths_lead_over_strong_ties(graph: GraphClient) -> None:
    """Two strong ties are better than one weak one, which is the alternative."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo")
    chain(graph, anna, bo, cleo, kind="spouse")
    graph.relate(anna, cleo, "muse")
    graph.deliver()
    first, second = graph.paths(anna, to=cleo)["items"]
    assert names(first["people"]) == ["Anna", "Bo", "Cleo"]
    assert names(second["people"]) == ["Anna", "Cleo"]
    product = first["strengths"][0] * first["strengths"][1]
    assert first["strength"] == pytest.approx(product)
    assert first["strength"] > second["strength"]


def test_nobody_introduces_over_more_than_four_ties(graph: GraphClient) -> None:
    """The fifth is too far."""
    people = graph.people(*"ABCDEF")
    chain(graph, *people)
    graph.deliver()
    assert len(graph.paths(people[0], to=people[4])["items"]) == 1
    assert graph.paths(people[0], to=people[5])["items"] == []


def test_paths_lead_into_an_organisation(graph: GraphClient) -> None:
    """To whoever there is best reached; one that nobody belongs to is not found."""
    anna, bo = graph.people("Anna", "Bo")
    near, far = graph.people("Near", "Far", organisation="Ek AB")
    chain(graph, anna, bo, near)
    graph.deliver()
    found = graph.paths(anna, organisation="ek")["items"]
    assert names(found[0]["people"]) == ["Anna", "Bo", "Near"]
    assert far
    graph.paths(anna, 404, organisation="Nobody's")


def test_paths_begin_with_the_users_own_contact(graph: GraphClient) -> None:
    """Where the user has marked one; else the problem says how."""
    anna, bo = graph.people("Anna", "Bo")
    chain(graph, anna, bo)
    graph.deliver()
    refused = graph.get("paths", 422, to=bo)
    assert "own_contact" in refused["detail"]
    graph.send(
        "PATCH",
        "settings/crm_graph/mine",
        200,
        json={"values": {"own_contact": anna}},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    assert names(graph.get("paths", to=bo)["items"][0]["people"]) == ["Anna", "Bo"]


def test_the_users_own_contact_is_whoever_it_was_merged_into(graph: GraphClient) -> None:
    """A duplicate that is cleared away ends no introductions, in the API and on pages."""
    anna, twin, bo = graph.people("Anna", "Anna", "Bo")
    chain(graph, anna, bo)
    own = {"values": {"own_contact": twin}}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    graph.send("PATCH", "settings/crm_graph/mine", 200, json=own, headers=headers)
    graph.send("POST", f"contacts/{anna}/merge", 200, json={"merged_ids": [twin]})
    graph.deliver()
    assert names(graph.get("paths", to=bo)["items"][0]["people"]) == ["Anna", "Bo"]


def test_one_target_is_asked_for(graph: GraphClient) -> None:
    """Neither none nor two."""
    anna = graph.person("Anna")
    graph.paths(anna, 422)
    graph.paths(anna, 422, to=anna, organisation="Ek")


def test_recommendations_name_who_connects(graph: GraphClient) -> None:
    """Whoever is known to two is before whoever is known to one; nobody is who is known."""
    anna, bo, cleo, dan, eve = graph.people("Anna", "Bo", "Cleo", "Dan", "Eve")
    chain(graph, anna, bo, dan)
    chain(graph, anna, cleo, dan)
    chain(graph, cleo, eve)
    graph.deliver()
    first, second = graph.get(f"recommendations/{anna}")["items"]
    assert (first["person"]["name"], names(first["through"])) == ("Dan", ["Bo", "Cleo"])
    assert first["score"] == pytest.approx(1 / 2 + 1 / 3)
    assert (second["person"]["name"], names(second["through"])) == ("Eve", ["Cleo"])
    assert len(graph.get(f"recommendations/{anna}", most=1)["items"]) == 1


def test_an_ego_network_is_as_wide_as_asked(graph: GraphClient) -> None:
    """With the ties among those in it, and none that lead out."""
    anna, bo, cleo, dan = graph.people("Anna", "Bo", "Cleo", "Dan")
    chain(graph, anna, bo, cleo, dan)
    graph.deliver()
    near = graph.get(f"ego/{anna}")
    assert (near["names"], near["hops"], len(near["sources"])) == (["Anna", "Bo"], [0, 1], 1)
    wide = graph.get(f"ego/{anna}", hops=2)
    assert (wide["names"], wide["degrees"]) == (["Anna", "Bo", "Cleo"], [1, 2, 2])
    assert len(wide["sources"]) == 2
    graph.get(f"ego/{uuid4()}", 404)


@pytest.mark.inside
def test_an_ego_network_costs_no_more_in_a_large_graph(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """Of all the people in the picture, those who are in it are read."""
    anna, bo = graph.people("Anna", "Bo")
    chain(graph, anna, bo)
    graph.deliver()
    with workspace.acting_as("crm_graph"):
        execute(PLACES, {"workspace": workspace.id})
    with workspace.acting_as("crm_graph"):
        service(Graph).ego(UUID(anna))
        ((read,),) = execute(READ)
    assert read < 100


def test_ties_are_filtered_by_strength_and_person(graph: GraphClient) -> None:
    """Only those of the contact, and none that is weaker."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo")
    graph.relate(anna, bo, "spouse")
    graph.relate(bo, cleo, "muse")
    strongest = max(graph.ties().values())
    found = graph.get("ties", min_strength=strongest)
    assert sorted(found["ids"]) == sorted([anna, bo])
    assert len(graph.get("ties", contact_id=bo)["strengths"]) == 2
    assert len(graph.get("ties", contact_id=cleo)["strengths"]) == 1


def test_an_empty_graph_answers(graph: GraphClient) -> None:
    """With nobody in it."""
    assert graph.get("nodes")["ids"] == graph.get("layout")["ids"] == graph.get("ties")["ids"] == []
    assert graph.get("communities")["items"] == []


def test_a_graph_that_is_too_large_is_refused(
    graph: GraphClient, plugin_host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem says which setting an operator can raise; a smaller one is answered again."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo", organisation="Ek")
    dan = graph.person("Dan")
    graph.relate(anna, bo)
    graph.relate(cleo, dan)
    graph.deliver()
    settings = plugin_host.plugins.contributions["crm_graph"].settings
    for most in (0, 1, 2, 3):
        with monkeypatch.context() as patch:
            patch.setitem(settings, "max_ties", most)
            refused = graph.get("layout", 422)
        assert refused["type"].endswith("graph-too-large")
        assert "max_ties" in refused["detail"]
    monkeypatch.setitem(settings, "max_ties", 4)
    assert len(graph.get("layout")["ids"]) == 4


def test_another_workspace_sees_nothing(
    graph: GraphClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither people nor ties, though the same process keeps both."""
    anna, _ = graph.people("Anna", "Bo", organisation="Ek")
    graph.deliver()
    assert len(graph.get("nodes")["ids"]) == 2
    graph.headers = other_workspace.headers
    assert graph.get("nodes")["ids"] == []
    graph.get(f"recommendations/{anna}", 404)


@pytest.mark.inside
def test_what_was_undone_is_not_remembered(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """A graph that a transaction saw and did not commit is none of anybody else's."""
    anna, bo = graph.people("Anna", "Bo", organisation="Ek")
    before = graph.ties()
    gone = min(UUID(anna), UUID(bo)), max(UUID(anna), UUID(bo))

    def see_and_fail() -> None:
        with workspace.acting_as("crm_graph"):
            states.lock()
            execute("DELETE FROM crm_graph.evidence")
            ties.rebuild([gone])
            states.move()
            service(Graph).nodes()
            raise LookupError

    with pytest.raises(LookupError):
        see_and_fail()
    graph.person("Cleo", "Other")
    assert graph.ties() == before


def test_threads_share_a_graph(graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
    """All of them get the same answer, whoever reads it first."""
    graph.people(*"ABCD", organisation="Ek")
    graph.deliver()
    answers: list[bytes] = []

    def ask() -> None:
        with workspace.acting_as("crm_graph"):
            answers.append(service(Graph).nodes().body)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({*answers}) == 1


def test_a_worker_finds_communities(graph: GraphClient, run_jobs: JobRuns) -> None:
    """On request, with an operation; ids and places stay where nothing changes."""
    graph.people("Anna", "Bo", "Cleo", organisation="Ek")
    graph.people("Dan", "Eve", organisation="Bo")
    graph.deliver()
    answer = graph.send("POST", "graph/communities/run", 202)
    run_jobs()
    operation = graph.send("GET", f"operations/{answer.json['id']}", 200).json
    assert (operation["state"], operation["result"]) == ("succeeded", {"people": 5})
    found = graph.get("communities")
    assert [(one["name"], one["size"]) for one in found["items"]] == [("Ek", 3), ("Bo", 2)]
    assert found["version"] == found["current_version"]
    before = graph.get("layout")
    assert before["drawn_version"] == found["version"]
    graph.send("POST", "graph/communities/run", 202)
    run_jobs()
    assert graph.get("layout") == before
    late = graph.person("Late", "Ek")
    graph.deliver()
    drawn = graph.get("layout")
    place = drawn["ids"].index(late)
    assert drawn["communities"][place] is None
    assert drawn["drawn_version"] < drawn["version"]


def test_many_changes_ask_for_one_drawing(graph: GraphClient) -> None:
    """It is asked for with the first, and waits for a while."""
    for _ in range(3):
        graph.people("Anna", "Bo", organisation="Ek")
        graph.deliver()
    operations = graph.send("GET", "operations", 200).json["items"]
    assert [one["kind"] for one in operations] == ["crm_graph.draw"]
