"""Counting from the event log: each event once, on its day, in its workspace, again and again."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meishi.core.analytics import repository
from meishi.testing.fixtures import WorkspaceUnderTest
from qr.contract import DeviceClass

from .conftest import CARDS, METRICS, Counts, Rows, day


def test_an_event_counts_on_its_day_and_in_its_workspace(
    counts: Counts, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """By its dimensions; once more in the deployment, without the ids of what is somebody's."""
    counts.visit(workspace.id, times=2)
    counts.happened(days_ago=40)
    counts.visit(workspace.id, "saves", device=DeviceClass.DESKTOP, card=CARDS[1])
    counts.visit(other_workspace.id)
    counts.deliver()
    card, other = str(CARDS[0]), str(CARDS[1])
    assert counts.rows() == {
        (workspace.id, "views", day(40), "mobile", card): 2,
        (workspace.id, "saves", day(), "desktop", other): 1,
        (other_workspace.id, "views", day(), "mobile", card): 1,
        (None, "views", day(40), "mobile", None): 2,
        (None, "saves", day(), "desktop", None): 1,
        (None, "views", day(), "mobile", None): 1,
    }


def test_a_fact_of_the_deployment_counts_there_alone(counts: Counts) -> None:
    """It belongs to no workspace, and is in the numbers of none."""
    counts.visit(None)
    counts.deliver()
    assert counts.rows() == {(None, "views", day(), "mobile", None): 1}


def test_where_nobody_has_a_workspace_yet_counting_anew_counts_once(counts: Counts) -> None:
    """The numbers of the deployment are forgotten, too, where there is nothing else."""
    counts.visit(None)
    counts.deliver()
    counts.rebuild()
    counts.deliver()
    assert counts.rows() == {(None, "views", day(), "mobile", None): 1}


def test_nothing_is_counted_with_the_event(counts: Counts, workspace: WorkspaceUnderTest) -> None:
    """What happens waits for nobody who counts it."""
    counts.visit(workspace.id)
    assert not counts.rows()


def test_a_call_that_comes_again_counts_once(
    counts: Counts, workspace: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a failed delivery has counted is undone with it, and the next one counts it."""
    real, failed = repository.add, [False]

    def fail_once(metric: str, found: Any) -> None:
        real(metric, found)
        if not failed[0]:
            failed[0] = True
            raise OSError("no ink")

    monkeypatch.setattr(repository, "add", fail_once)
    counts.visit(workspace.id, times=3)
    counts.deliver(failures=True)
    counts.deliver.retry()
    counts.deliver()
    assert failed == [True]
    assert sum(counts.rows().values()) == 2 * 3


def test_what_a_workspace_missed_is_counted_when_it_goes_on(
    counts: Counts, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Others go on meanwhile; then the gap is drained, and each event counts on its own day."""
    places = (workspace.id, other_workspace.id)
    counts.pause(workspace.id, on=False)
    for place in places:
        counts.visit(place)
    counts.happened(days_ago=3)
    counts.deliver()
    assert {place for place, *_ in counts.rows()} == {other_workspace.id, None}
    counts.pause(workspace.id, on=True)
    counts.visit(workspace.id)
    counts.deliver()
    card = str(CARDS[0])
    assert counts.rows() == {
        (workspace.id, "views", day(3), "mobile", card): 1,
        (workspace.id, "views", day(), "mobile", card): 1,
        (other_workspace.id, "views", day(3), "mobile", card): 1,
        (None, "views", day(3), "mobile", None): 2,
        (None, "views", day(), "mobile", None): 1,
    }


_VISIT = st.tuples(
    st.integers(0, 2),
    st.sampled_from(sorted(METRICS)),
    st.sampled_from([DeviceClass.MOBILE, DeviceClass.DESKTOP]),
    st.sampled_from(CARDS),
    st.integers(1, 3),
)
_STEP = st.one_of(
    st.tuples(st.just("visit"), _VISIT),
    st.tuples(st.just("visit"), _VISIT),
    st.tuples(st.just("deliver"), st.none()),
    st.tuples(st.just("rebuild"), st.none()),
)


@given(steps=st.lists(_STEP, max_size=12))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whenever_it_is_counted_anew_the_numbers_are_the_same(
    counts: Counts,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    steps: list[tuple[str, Any]],
) -> None:
    """Any order of visits, deliveries and rebuilds ends with each visit counted once."""
    places = (workspace.id, other_workspace.id, None)
    expected: Rows = Counter(counts.rows())
    for action, value in steps:
        if action == "visit":
            place, metric, device, card, times = value
            counts.visit(places[place], metric, device=device, card=card, times=times)
            _expect(expected, places[place], (metric, day(), device.value), card, times)
        elif action == "deliver":
            counts.deliver()
        elif counts.rows():
            counts.rebuild()
    counts.deliver()
    assert counts.rows() == expected


def _expect(
    expected: Rows, place: UUID | None, key: tuple[str, str, str], card: UUID, times: int
) -> None:
    if place is not None:
        expected[(place, *key, str(card))] += times
    expected[(None, *key, None)] += times
