"""Ties, as they come from what is known of contacts."""

from __future__ import annotations

from meishi.testing.types import EventDeliveries

from .conftest import GraphClient, tuple_of


def test_people_of_an_organisation_are_tied(graph: GraphClient) -> None:
    """However its name is written; others are not."""
    anna = graph.person("Anna", "Ek & Søn GmbH")
    bo = graph.person("Bo", "EK  &  søn")
    graph.person("Cleo", "Other")
    assert graph.ties().keys() == {tuple_of(anna, bo)}


def test_a_large_organisation_ties_nobody(graph: GraphClient) -> None:
    """The forty-first member ends all ties by it, and its leaving brings them back."""
    ids = graph.people(*(f"P{number}" for number in range(40)), organisation="Big")
    assert len(graph.ties()) == 40 * 39 // 2
    late = graph.person("Late", "Big")
    assert graph.ties() == {}
    graph.delete(late)
    assert len(graph.ties()) == 40 * 39 // 2
    assert len(ids) == 40


def test_who_changes_the_organisation_changes_ties(graph: GraphClient) -> None:
    """The old colleagues are none any more, the new ones are."""
    anna, bo = graph.people("Anna", "Bo", organisation="Old")
    cleo = graph.person("Cleo", "New")
    assert graph.ties().keys() == {tuple_of(anna, bo)}
    graph.change(bo, {"organisation": "New"})
    assert graph.ties().keys() == {tuple_of(bo, cleo)}


def test_a_relationship_ties_as_long_as_it_stands(graph: GraphClient) -> None:
    """It is gone with the relationship; a spouse is closer than an acquaintance."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo")
    graph.relate(anna, bo, "spouse")
    loose = graph.relate(anna, cleo, "acquaintance")
    found = graph.ties()
    assert found[tuple_of(anna, bo)] > found[tuple_of(anna, cleo)] > 0
    graph.send("DELETE", f"contacts/relationships/{loose}", 204, headers={"If-Match": "*"})
    assert graph.ties().keys() == {tuple_of(anna, bo)}


def test_ties_are_gone_with_a_contact_and_come_back_with_it(graph: GraphClient) -> None:
    """A deleted contact has none; restored, it has those that it had."""
    anna, bo = graph.people("Anna", "Bo", organisation="Ek")
    graph.relate(anna, bo)
    before = graph.ties()
    graph.delete(bo)
    assert graph.ties() == {}
    graph.send("POST", f"contacts/{bo}/restore", 200)
    assert graph.ties() == before


def test_ties_follow_a_merge(graph: GraphClient) -> None:
    """What tied the contact that is gone ties the one that stays; between both nothing is left."""
    anna, twin, bo = graph.people("Anna", "Anna", "Bo")
    graph.relate(twin, bo)
    graph.relate(anna, twin)
    graph.ties()
    graph.send("POST", f"contacts/{anna}/merge", 200, json={"merged_ids": [twin]})
    assert graph.ties().keys() == {tuple_of(anna, bo)}


def test_a_tie_says_what_it_is_made_of(graph: GraphClient) -> None:
    """The parts sum up to the strength, and each source is named with its weight."""
    anna, bo, cleo = graph.people("Anna", "Bo", "Cleo", organisation="Ek")
    graph.relate(anna, bo, "friend")
    strength = graph.ties()[tuple_of(anna, bo)]
    found = graph.get(f"ties/{anna}/{bo}")
    assert abs(sum(found["parts"].values()) - strength) < 1e-3
    assert [reason["source"] for reason in found["reasons"]] == ["relationship", "organisation"]
    assert found["reasons"][0]["weight"] == 4.0
    assert (found["source"]["name"], found["target"]["name"]) == ("Anna", "Bo")
    assert (found["common"], found["parts"]["overlap"]) == (1, 0.2)
    assert found["parts"]["reciprocity"] == 0.2
    stranger = graph.person("Dan")
    graph.deliver()
    assert graph.get(f"ties/{anna}/{stranger}", 404)["type"].endswith("tie-not-found")
    assert cleo


def test_hearing_everything_again_changes_nothing(
    graph: GraphClient, deliver_events: EventDeliveries
) -> None:
    """Ties stay as they are, and the graph has no other version."""
    anna, bo = graph.people("Anna", "Bo", organisation="Ek")
    graph.relate(anna, bo)
    before = graph.ties(), graph.get("nodes")["version"]
    graph.change(anna, {"title": "Architect"})
    assert (graph.ties(), graph.get("nodes")["version"]) == before
