"""Ties of those who belong to one organisation."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_graph.colleagues import colleagues

from .graphs import graph_of

pytestmark = pytest.mark.no_calls

ORGANISATIONS = st.lists(st.integers(-1, 4), min_size=2, max_size=30)


@given(ORGANISATIONS)
def test_all_who_share_a_number_are_tied_once(organisations: list[int]) -> None:
    """The more there are, the less it weighs, and together one member's ties weigh its root."""
    low, high, weights = colleagues(np.array(organisations))
    found = dict(zip(zip(low.tolist(), high.tolist(), strict=True), weights.tolist(), strict=True))
    assert len(found) == len(low)
    members = Counter(organisations)
    assert found == {
        (one, other): pytest.approx((members[number] - 1) ** -0.5)
        for one, other in combinations(range(len(organisations)), 2)
        if (number := organisations[one]) >= 0 and number == organisations[other]
    }


@given(ORGANISATIONS, st.data())
def test_what_is_stored_and_what_is_shared_add_up(
    organisations: list[int], data: st.DataObject
) -> None:
    """A graph is the same however its ties came about."""
    size = len(organisations)
    pairs = st.sampled_from(list(combinations(range(size), 2)))
    ways = st.tuples(st.floats(0.1, 6.0), st.floats(0.0, 6.0))
    held = data.draw(st.dictionaries(pairs, ways))
    shared = zip(*(part.tolist() for part in colleagues(np.array(organisations))), strict=True)
    together = dict(held)
    for one, other, weight in shared:
        forward, backward = together.get((one, other), (0.0, 0.0))
        together[one, other] = forward + weight / 2, backward + weight / 2
    found, wanted = graph_of(size, held, organisations), graph_of(size, together)
    assert (found.low.tolist(), found.high.tolist()) == (wanted.low.tolist(), wanted.high.tolist())
    np.testing.assert_allclose(found.parts, wanted.parts)
