"""Numbers: K of a cohort, recovered from a simulated one within its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from crm_viral.cohorts import CONFIDENCE, Inviters, growth
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Viral, moment

#: A true K of 0.6: most bring nobody, few bring many (negative binomial).
K, DISPERSION = 0.6, 0.5


def simulated(members: int, seed: int) -> list[Inviters]:
    """Return a cohort in which each invites some, of whom a third comes."""
    random = np.random.default_rng(seed)
    invited = random.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + 3 * K), members)
    brought = random.binomial(invited, 1 / 3)
    pairs = Counter(zip(invited.tolist(), brought.tolist(), strict=True))
    return [
        Inviters(invitations=number, activated=came, members=many)
        for (number, came), many in pairs.items()
    ]


@pytest.mark.no_calls
def test_the_true_k_lies_in_the_interval_as_often_as_it_says() -> None:
    """Of a hundred simulated cohorts, about ninety-five have it; a hundred would be too wide."""
    found = [growth(simulated(800, seed), seed=1) for seed in range(100)]
    hits = sum(it.k_low <= K <= it.k_high for it in found if it.k_low is not None and it.k_high)
    assert 88 <= hits <= 99
    assert {it.confidence for it in found} == {CONFIDENCE}
    assert all((it.k_high or 0) - (it.k_low or 0) < 0.4 for it in found)


@pytest.mark.no_calls
def test_an_interval_comes_out_the_same_and_narrows_with_the_members() -> None:
    """The seed and the numbers decide, in whatever order they come; a million are no trouble."""
    groups = simulated(2000, 7)
    assert growth(groups, seed=3) == growth(groups[::-1], seed=3)
    assert growth(groups, seed=3) != growth(groups, seed=4)
    many = [Inviters(it.invitations, it.activated, it.members * 500) for it in groups]
    one, million = growth(groups, seed=3), growth(many, seed=3)
    assert million.members == 1_000_000
    assert million.k == one.k
    assert width(million) < width(one) / 10


@pytest.mark.no_calls
def test_a_cohort_of_nobody_has_no_numbers() -> None:
    """K is then unknown, which is not zero; a cohort that invites nobody has one of zero."""
    assert growth([], seed=1).k is None
    alone = growth([Inviters(0, 0, 5)], seed=1)
    assert (alone.k, alone.k_low, alone.k_high, alone.conversion) == (0, 0, 0, None)


def test_a_cohort_is_counted_by_what_each_did_in_their_first_days(
    viral: Viral, workspace: WorkspaceUnderTest, run: Callable[..., list[Any]]
) -> None:
    """Younger members, later touches, later sign-ups and what was taken back are left out."""
    programme = viral.programme()
    link = viral.link(programme)
    joined = moment("2026-03-01")
    run("UPDATE crm_viral.participant SET joined_at = %s", joined)
    ids = [UUID(int=number) for number in range(1, 30)]
    other = (workspace.id, ids[20], programme["id"], ids[21])
    run("INSERT INTO crm_viral.participant VALUES (%s, %s, %s, %s, 0, %s)", *other, joined)
    young = (workspace.id, ids[22], programme["id"], ids[23])
    run("INSERT INTO crm_viral.participant VALUES (%s, %s, %s, %s, 0, now())", *young)
    for number, (visitor, day) in enumerate([(b"a", 1), (b"a", 2), (b"b", 29), (b"c", 31)]):
        run(
            "INSERT INTO crm_viral.touch VALUES (%s, %s, %s, %s, %s, NULL, NULL, %s)",
            *(workspace.id, ids[number], programme["id"], link["id"], visitor),
            joined + timedelta(days=day),
        )
    for number, (day, back) in enumerate([(1, None), (29, None), (31, None), (2, joined)]):
        run(
            "INSERT INTO crm_viral.conversion VALUES (%s, %s, %s, %s, %s, NULL, %s, %s,"
            " 'typed_code', 1, '{}', 0, 0, NULL, %s, %s, 1)",
            *(workspace.id, ids[10 + number], programme["id"], link["participant_id"], link["id"]),
            *(workspace.owner_id, ids[number]),
            *(joined + timedelta(days=day), back),
        )
    asked = f"programme_id={programme['id']}&since=2026-01-01T00:00:00Z"
    found = viral.get(f"metrics?{asked}&until=2027-01-01T00:00:00Z&horizon_days=30")
    assert (found["members"], found["invitations"], found["activated"]) == (2, 2, 2)
    assert (found["invitations_each"], found["conversion"], found["k"]) == (1, 1, 1)
    empty = viral.get(f"metrics?{asked}&until=2026-02-01T00:00:00Z")
    assert (empty["members"], empty["k"]) == (0, None)
    viral.get(f"metrics?{asked}&until=2026-01-01T00:00:00Z", 422)


def width(found: Any) -> float:
    """Return how wide an interval is."""
    return float(found.k_high - found.k_low)
