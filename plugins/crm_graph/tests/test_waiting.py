"""Drawings wait until the graph has come to rest, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_graph.contract import Drawings
from crm_graph.repository import states
from crm_graph.repository.states import Awaited
from crm_graph.service.waiting import DRAW, Patience
from meishi.sdk import jobs
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import JobRuns

from .conftest import GraphClient

#: Time passes for the plugin's own rows, as only its own code can have it.
pytestmark = pytest.mark.inside

PASS = """
    UPDATE crm_graph.state SET moved_at = moved_at - %(time)s, asked_at = asked_at - %(time)s,
        wanted_at = wanted_at - %(time)s
"""
#: Whoever waits for the row waits for its holder, and all others for the place behind that one.
SECOND_WAITS = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'tuple'
        AND relation = 'crm_graph.state'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: What is usual.
DELAY, REST, LONGEST = (timedelta(seconds=seconds) for seconds in (60, 10, 600))


class Waiting:
    """A workspace in which time passes."""

    def __init__(self, graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
        self.graph = graph
        self.workspace = workspace

    def change(self) -> None:
        """Let somebody come into the graph."""
        self.graph.people("Anna", "Bo", organisation="Ek")
        self.graph.deliver()

    def passed(self, time: timedelta) -> None:
        """Let time pass."""
        with self.workspace.acting_as("crm_graph"):
            execute(PASS, {"time": time})

    def asked_at(self) -> datetime:
        """Return when the drawing that is awaited was asked for last."""
        with self.workspace.acting_as("crm_graph"):
            found: datetime = execute("SELECT asked_at FROM crm_graph.state")[0][0]
        return found

    def draw(self) -> int | None:
        """Draw what is awaited, if it is time."""
        asked_at = self.asked_at()
        with self.workspace.acting_as("crm_graph"):
            return service(Drawings).draw_at_rest(asked_at)

    def asked(self) -> int:
        """Return how often a drawing was asked for."""
        return len(self.graph.send("GET", "operations", 200).json["items"])

    def is_current(self) -> bool:
        """Whether what is drawn is the newest version."""
        found = self.graph.get("communities")
        return bool(found["version"] == found["current_version"])


@pytest.fixture
def waiting(graph: GraphClient, workspace: WorkspaceUnderTest) -> Waiting:
    """A graph that somebody has come into."""
    found = Waiting(graph, workspace)
    found.change()
    return found


def test_a_change_by_itself_is_drawn_after_the_delay(waiting: Waiting) -> None:
    """Nobody waits longer than for that."""
    waiting.passed(DELAY)
    assert waiting.draw() == 2
    assert waiting.is_current()
    assert waiting.asked() == 1


def test_changes_that_ended_before_are_drawn_with_the_first(waiting: Waiting) -> None:
    """They wait no longer than the first of them."""
    waiting.passed(DELAY - REST)
    waiting.change()
    waiting.passed(REST)
    assert waiting.draw() == 4
    assert waiting.asked() == 1


def test_while_the_graph_changes_it_is_not_drawn(waiting: Waiting) -> None:
    """It is asked for again, once, and drawn when all has come."""
    waiting.passed(DELAY)
    waiting.change()
    assert waiting.draw() is None
    assert not waiting.is_current()
    waiting.change()
    assert waiting.asked() == 2
    waiting.passed(DELAY)
    assert waiting.draw() == 6
    assert waiting.is_current()
    assert waiting.asked() == 2


def test_a_graph_that_never_rests_is_drawn_too(waiting: Waiting) -> None:
    """After the longest wait, counted from the first change that was not drawn."""
    waited = []
    for _ in range(2):
        passed = timedelta()
        while waiting.draw() is None:
            waiting.passed(DELAY)
            passed += DELAY
            assert passed <= LONGEST
            waiting.change()
        waited.append(passed)
        waiting.change()
    assert waited == [LONGEST, LONGEST]


def test_what_was_drawn_on_request_is_awaited_no_more(waiting: Waiting, run_jobs: JobRuns) -> None:
    """Somebody who asks is not put off; the job that was to follow has nothing to do."""
    waiting.graph.send("POST", "graph/communities/run", 202)
    asked_at = waiting.asked_at()
    (made,) = run_jobs()
    assert made.fate == "succeeded"
    assert waiting.is_current()
    waiting.change()
    asked = waiting.asked()
    with waiting.workspace.acting_as("crm_graph"):
        assert service(Drawings).draw_at_rest(asked_at) is None
    assert not waiting.is_current()
    assert waiting.asked() == asked


def test_a_job_that_comes_too_early_asks_for_another(waiting: Waiting, run_jobs: JobRuns) -> None:
    """It is done with that; the other one waits for its time."""
    asked_at = waiting.asked_at()
    with waiting.workspace.acting_as("crm_graph"):
        jobs.request(DRAW, asked_at=asked_at)
    (made,) = run_jobs()
    assert made.fate == "succeeded"
    operations: list[dict[str, Any]] = waiting.graph.send("GET", "operations", 200).json["items"]
    assert sorted(one["state"] for one in operations) == ["succeeded", "waiting", "waiting"]
    assert not waiting.is_current()


def test_a_job_that_runs_twice_at_once_asks_once(waiting: Waiting) -> None:
    """Whoever comes second finds that its request is not the newest any more."""
    asked_at = waiting.asked_at()
    found: list[int | None] = []

    def draw() -> None:
        with waiting.workspace.acting_as("crm_graph"):
            found.append(service(Drawings).draw_at_rest(asked_at))

    threads = [Thread(target=draw) for _ in range(2)]
    with waiting.workspace.acting_as("crm_graph"):
        states.lock()
        for thread in threads:
            thread.start()
        while execute(SECOND_WAITS) != [(1,)]:
            assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    assert found == [None, None]
    assert waiting.asked() == 2


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the zone)
spans = st.timedeltas(timedelta(0), timedelta(hours=2))


@given(
    sorted_times=st.lists(moments, min_size=3, max_size=3).map(sorted),
    waits=st.tuples(*[spans] * 3),
)
def test_waits_have_bounds(
    sorted_times: list[datetime], waits: tuple[timedelta, timedelta, timedelta]
) -> None:
    """One looks again later, no later than the delay or the longest wait; at rest one draws."""
    since, moved_at, now = sorted_times
    patience = Patience(*waits)
    later = patience.next_look(Awaited(now, since, moved_at))
    if later is None:
        rested = now - moved_at >= min(patience.rest, patience.delay)
        assert rested or now >= since + patience.longest
    else:
        assert now < later <= min(now + patience.delay, since + patience.longest)
        assert now - moved_at < min(patience.rest, patience.delay)
