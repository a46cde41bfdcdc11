"""Paths, recommendations and communities, against other ways to find them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations
from math import inf
from typing import TYPE_CHECKING

import pytest
import rustworkx
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_graph.communities import community_name, lasting_ids, partition
from crm_graph.layout import layout
from crm_graph.paths import MAX_HOPS, ways
from crm_graph.recommending import proposals
from crm_graph.snapshot import Snapshot
from crm_graph.strength import LEAST

from .graphs import graph_of, graphs

if TYPE_CHECKING:
    from crm_graph.snapshot import Floats, Ints


def costs_of(graph: Snapshot) -> dict[tuple[int, int], float]:
    """Return what each tie costs, both ways."""
    found = {}
    for place in range(graph.size):
        around = graph.around(place)
        for other, cost in zip(graph.neighbours[around], graph.costs[around], strict=True):
            found[place, int(other)] = float(cost)
    return found


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_ways_are_the_cheapest_of_all(graph: Snapshot, data: st.DataObject) -> None:
    """Against every path over at most four ties that there is, in the order of their costs."""
    start = data.draw(st.integers(0, graph.size - 1))
    goals = data.draw(st.sets(st.integers(0, graph.size - 1), min_size=1, max_size=2)) - {start}
    costs = costs_of(graph)
    others = [place for place in range(graph.size) if place != start and place not in goals]
    every = []
    for between in range(MAX_HOPS if graph.size < 9 else 3):
        for middle in permutations(others, between):
            for goal in goals:
                path = (start, *middle, goal)
                cost = sum(costs.get(pair, inf) for pair in pairwise(path))
                every += [cost] if cost < inf else []
    found = ways(graph, start, goals, 5)
    if graph.size < 9:
        assert [way.cost for way in found] == pytest.approx(sorted(every)[:5])
    for way in found:
        assert way.places[-1] in goals
        assert len({*way.places}) == len(way.places) <= MAX_HOPS + 1


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_short_ways_cost_what_rustworkx_says(graph: Snapshot, data: st.DataObject) -> None:
    """Wherever Dijkstra's way is no longer than ours may be, the cheapest costs the same."""
    peer = rustworkx.PyGraph()
    peer.add_nodes_from(range(graph.size))
    costs = costs_of(graph)
    peer.add_edges_from([(a, b, cost) for (a, b), cost in costs.items() if a < b])
    start = data.draw(st.integers(0, graph.size - 1))
    paths = rustworkx.dijkstra_shortest_paths(peer, start, weight_fn=float)
    for goal in range(graph.size):
        if goal != start and goal in paths and len(paths[goal]) <= MAX_HOPS + 1:
            cost = sum(costs[pair] for pair in zip(paths[goal], paths[goal][1:], strict=False))
            (best,) = ways(graph, start, [goal], 1)
            assert best.cost == pytest.approx(cost)


@given(graphs(), st.data())
def test_scores_are_the_sum_over_common_neighbours(graph: Snapshot, data: st.DataObject) -> None:
    """Each hands out 1/degree; nobody is proposed who is known, or has nobody in common."""
    place = data.draw(st.integers(0, graph.size - 1))
    around = [{*graph.neighbours[graph.around(one)].tolist()} for one in range(graph.size)]
    wanted = {
        other: sum(1 / len(around[z]) for z in around[place] & around[other])
        for other in range(graph.size)
        if other != place and other not in around[place] and around[place] & around[other]
    }
    found = proposals(graph, place, graph.size)
    assert {one.place: one.score for one in found} == pytest.approx(wanted)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert {*one.through} <= around[place] & around[one.place]
        assert len(one.through) == min(5, len(around[place] & around[one.place]))


def two_groups() -> Snapshot:
    """Return two groups in which everybody knows everybody, and one tie between them."""
    held = {
        (low, high): (2.0, 2.0)
        for first in (0, 5)
        for low in range(first, first + 5)
        for high in range(low + 1, first + 5)
    }
    return graph_of(12, {**held, (4, 5): (0.1, 0.0)})


def test_two_groups_are_two_communities() -> None:
    """Who has no tie is in none, and the same graph has the same communities each time."""
    found = partition(two_groups())
    assert found == partition(two_groups())
    labels = [found.community_of[place] for place in range(10)]
    assert len({*labels[:5]}) == len({*labels[5:]}) == 1
    assert labels[0] != labels[5]
    assert {10, 11}.isdisjoint(found.community_of)
    assert 0.3 < found.modularity < 0.6


@given(graphs())
def test_communities_are_as_good_as_is_said(graph: Snapshot) -> None:
    """Everybody with a tie is in one; modularity is what its definition says of them."""
    found = partition(graph)
    assert [*found.community_of] == [place for place in range(graph.size) if graph.degrees[place]]
    weighed = [
        (found.community_of[low], found.community_of[high], max(strength, LEAST))
        for low, high, strength in zip(
            graph.low.tolist(), graph.high.tolist(), graph.strengths.tolist(), strict=True
        )
    ]
    whole = sum(weight for _, _, weight in weighed)
    inside = sum(weight for one, other, weight in weighed if one == other)
    ends: Counter[int] = Counter()
    for one, other, weight in weighed:
        ends.update({one: weight})
        ends.update({other: weight})
    by_chance = sum((weight / 2 / whole) ** 2 for weight in ends.values())
    wanted = inside / whole - by_chance if whole else 0.0
    assert found.modularity == pytest.approx(wanted, abs=1e-9)


def test_people_whose_ties_have_faded_away_are_a_community_still() -> None:
    """What weighs nothing any more, one way and long ago, is no reason to find none."""
    graph = graph_of(2, {(0, 1): (1e-20, 0.0)})
    assert graph.strengths.tolist() == [0.0]
    assert {*partition(graph).community_of} == {0, 1}


def test_an_empty_graph_has_no_communities() -> None:
    """It is drawn as nothing."""
    graph = graph_of(3, {})
    assert (partition(graph).community_of, len(layout(graph, {})[0])) == ({}, 0)


def drawn() -> tuple[Ints, Floats]:
    """Return the picture of the two groups."""
    return layout(two_groups(), partition(two_groups()).community_of)


def test_groups_stand_apart_in_the_picture() -> None:
    """Everybody stands nearer to their own group's middle, within the frame, each time there."""
    places, at = drawn()
    assert places.tolist() == list(range(10))
    assert abs(at).max() == pytest.approx(1.0)
    middles = [at[:5].mean(axis=0), at[5:].mean(axis=0)]
    for place in range(10):
        away = [((at[place] - middle) ** 2).sum() for middle in middles]
        assert (away[0] < away[1]) == (place < 5)
    assert (drawn()[1] == at).all()


def test_those_who_are_too_many_for_the_picture_stand_beside_whom_they_know() -> None:
    """Nobody is left without a place, and those who are drawn fill the frame alone."""
    held = {(low, high): (2.0, 2.0) for low in range(3) for high in range(low + 1, 3)}
    leaves = {(place - 3, place): (1.0, 1.0) for place in (3, 4, 5)}
    graph = graph_of(7, {**held, **leaves})
    found = partition(graph)
    places, at = layout(graph, found.community_of, 3)
    assert places.tolist() == list(range(6))
    assert abs(at[:3]).max() == pytest.approx(1.0)
    for place in (3, 4, 5):
        assert ((at[place] - at[place - 3]) ** 2).sum() == pytest.approx(0.03**2)


def test_communities_keep_their_ids() -> None:
    """Each has that of the one that it is most like; what is new has one that nobody had."""
    old = {"a": 7, "b": 7, "c": 7, "d": 3, "e": 3}
    new = {"a": 0, "b": 0, "c": 1, "d": 1, "e": 1, "f": 2, "g": 2}
    assert lasting_ids(new, old, 8) == {0: 7, 1: 3, 2: 8}


@given(
    st.dictionaries(st.integers(0, 20), st.integers(0, 5)),
    st.dictionaries(st.integers(0, 20), st.integers(0, 5)),
)
def test_no_two_communities_share_an_id(new: dict[int, int], old: dict[int, int]) -> None:
    """Whatever came before; and what is as it was, is called what it was."""
    found = lasting_ids(new, old, 6)
    assert found.keys() == {*new.values()}
    assert len({*found.values()}) == len(found)
    assert lasting_ids(old, old, 6) == {label: label for label in old.values()}


def test_a_community_is_named_after_its_organisations() -> None:
    """The two that most belong to, none for one of each."""
    assert community_name(["Ek", "Ek", "Bo", "Bo", "Bo", None, "C"]) == "Bo, Ek"
    assert community_name(["Ek", "Bo", None]) is None
