"""The strength of a tie."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_graph.snapshot import Snapshot
from crm_graph.strength import (
    HALF_LIFE,
    SHARES,
    decayed,
    interaction,
    overlap,
    parts,
    reciprocity,
    scaled,
)

from .graphs import NOW, graphs

TIMES = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    datetime(2026, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    timezones=st.just(UTC),
)
INTERACTIONS = st.lists(st.tuples(TIMES, st.floats(0.1, 6.0)), min_size=1, max_size=20)


@given(INTERACTIONS)
def test_the_sum_is_what_halving_from_one_to_the_next_gives(
    happened: list[tuple[datetime, float]],
) -> None:
    """S ← S·2^(-Δ/h) + w, in the order of time, is the stored sum, in any order."""
    in_order = sorted(happened)
    total = in_order[0][1]
    for (before, _), (time, weight) in pairwise(in_order):
        total = total * 2 ** (-(time - before) / HALF_LIFE) + weight
    total *= 2 ** (-(NOW - in_order[-1][0]) / HALF_LIFE)
    stored = sum(scaled(weight, time) for time, weight in happened)
    assert decayed(stored, NOW) == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize("year", [1, 9998])
def test_no_time_is_too_far_away(year: int) -> None:
    """What happened long ago weighs nearly nothing, what lies far ahead is still a number."""
    there = scaled(1.0, datetime(year, 1, 1, tzinfo=UTC))
    assert 0.0 < there < float("inf")


def test_half_of_it_is_left_after_the_half_life() -> None:
    """An interaction of weight 2 weighs 1 after 90 days."""
    assert decayed(scaled(2.0, NOW - timedelta(days=90)), NOW) == pytest.approx(1.0)


@given(st.floats(0, 100), st.floats(0, 100), st.integers(0, 50), st.integers(1, 60))
def test_the_parts_stay_within_their_shares(
    forward: float, backward: float, common: int, more: int
) -> None:
    """None exceeds its share, so the strength is between 0 and 1, and both ways are alike."""
    neighbourhood = overlap(common, common + more, common + 1)
    found = parts(forward, backward, neighbourhood)
    assert all(0.0 <= part <= share for part, share in zip(found, SHARES, strict=True))
    assert found == pytest.approx(parts(backward, forward, neighbourhood))


@given(st.floats(0, 50), st.floats(0.01, 50))
def test_more_between_two_people_is_never_less(weight: float, more: float) -> None:
    """An interaction makes no tie weaker."""
    assert interaction(weight + more) >= interaction(weight)


def test_reciprocity_is_whole_where_both_give_the_same() -> None:
    """One way only is none; nothing at all is none, too."""
    assert [reciprocity(2, 2), reciprocity(2, 0), reciprocity(0, 0), reciprocity(1, 4)] == [
        1.0, 0.0, 0.0, 0.25,
    ]  # fmt: skip


@given(graphs())
def test_a_whole_graph_is_weighed_like_each_tie_of_it(graph: Snapshot) -> None:
    """Common neighbours and parts are those that a tie by itself would have."""
    around = [{*graph.neighbours[graph.around(place)].tolist()} for place in range(graph.size)]
    for number, (low, high) in enumerate(zip(graph.low.tolist(), graph.high.tolist(), strict=True)):
        common = len(around[low] & around[high])
        assert graph.common[number] == common
        neighbourhood = overlap(common, len(around[low]), len(around[high]))
        assert graph.parts[2, number] == pytest.approx(SHARES[2] * neighbourhood)
        assert graph.tie(low, high) == graph.tie(high, low) == number
