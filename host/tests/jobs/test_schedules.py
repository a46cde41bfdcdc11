"""Schedules: a tick is acted on once, in each workspace or in none, and missed ones together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meishi.jobs.cron import last_tick, next_tick
from meishi.jobs.schedules import Scheduler
from meishi.testing.fixtures import found_workspace
from meishi.testing.jobs import JobRuns

from .conftest import Foundry

#: A Monday.
SWEEPING = datetime(2026, 1, 5, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "now", "last", "following"),
    [
        ("15 3 * * 1", SWEEPING, SWEEPING, SWEEPING + timedelta(days=7)),
        ("15 3 * * 1", SWEEPING - timedelta(seconds=1), SWEEPING - timedelta(days=7), SWEEPING),
        ("15 3 * * 1", SWEEPING + timedelta(days=3), SWEEPING, SWEEPING + timedelta(days=7)),
        ("* * * * 7", datetime(2026, 1, 4, 0, 0, 30, tzinfo=UTC),
         datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 4, 0, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_ticks_are_those_of_cron_in_utc(
    cron: str, now: datetime, last: datetime, following: datetime
) -> None:
    """The newest that is not after a moment, and the first behind it."""
    assert last_tick(cron, now) == last
    assert next_tick(cron, now) == following


def test_a_schedule_runs_once_in_every_workspace(foundry: Foundry, run: JobRuns) -> None:
    """Each workspace has a job of its own, which no user asked for."""
    other = found_workspace(foundry.host, "two")
    runs = run(at=SWEEPING)
    assert {(item.job, item.workspace) for item in runs} == {
        ("foundry.sweep", foundry.workspace.id),
        ("foundry.sweep", other.id),
    }
    assert {item.operation for item in runs} == {None}
    swept = foundry.rows("SELECT workspace_id FROM foundry.part WHERE thing = 'sweep'")
    assert sorted(swept) == sorted([(foundry.workspace.id,), (other.id,)])


def test_a_schedule_of_the_deployment_runs_in_no_workspace(foundry: Foundry, run: JobRuns) -> None:
    """It runs once, however many workspaces there are."""
    found_workspace(foundry.host, "two")
    (made,) = run(at=datetime(2026, 1, 5, 4, 0, tzinfo=UTC))
    assert (made.job, made.workspace, made.fate) == ("foundry.stoke", None, "succeeded")


def test_at_another_minute_nothing_runs(foundry: Foundry, run: JobRuns) -> None:
    """A test says when it is."""
    assert run(at=SWEEPING + timedelta(minutes=1)) == []


def test_a_new_schedule_begins_with_its_next_tick(foundry: Foundry) -> None:
    """What is installed on a Tuesday does not do Monday's work; after a week it does."""
    scheduler = Scheduler(foundry.host)
    scheduler.register(SWEEPING + timedelta(days=1))
    assert scheduler.tick(SWEEPING + timedelta(days=1, minutes=1)) == 0
    assert scheduler.tick(SWEEPING + timedelta(days=7)) > 0


def test_a_schedule_with_other_times_begins_anew(foundry: Foundry) -> None:
    """Its new times do not lie in the past."""
    scheduler = Scheduler(foundry.host)
    scheduler.register(SWEEPING)
    foundry.admin.execute(
        "UPDATE meishi_jobs.schedule SET cron = '0 0 1 1 *', last_tick = '1999-1-1'"
    )
    scheduler.register(SWEEPING)
    assert scheduler.tick(SWEEPING) == 0


def test_two_schedulers_make_one_job_of_a_tick(foundry: Foundry, run: JobRuns) -> None:
    """Each worker has one, and may look when the work of the other's has been done already."""
    one, other = Scheduler(foundry.host), Scheduler(foundry.host)
    for scheduler in (one, other):
        scheduler.register(SWEEPING - timedelta(minutes=1))
    assert one.tick(SWEEPING) == 1
    assert [item.job for item in run()] == ["foundry.sweep"]
    assert other.tick(SWEEPING) == 0


def test_missed_ticks_make_one_job(foundry: Foundry) -> None:
    """After a month without a worker the floor is swept once."""
    scheduler = Scheduler(foundry.host)
    scheduler.register(SWEEPING - timedelta(days=30))
    scheduler.tick(SWEEPING + timedelta(days=2))
    jobs = foundry.rows(
        "SELECT task_name FROM meishi_jobs.procrastinate_jobs"
        " WHERE starts_with(task_name, 'foundry.') ORDER BY 1"
    )
    assert jobs == [("foundry.stoke",), ("foundry.sweep",)]


def test_a_tick_adds_nothing_to_a_job_that_still_waits(foundry: Foundry) -> None:
    """A queue that nobody serves does not fill with the same work."""
    scheduler = Scheduler(foundry.host)
    scheduler.register(SWEEPING - timedelta(days=1))
    assert scheduler.tick(SWEEPING) > 0
    assert scheduler.tick(SWEEPING + timedelta(days=7)) == 0


def test_a_scheduled_job_that_fails_is_tried_again(foundry: Foundry, run: JobRuns) -> None:
    """It has no operation, and its failures are in the queue like any other's."""
    from .foundry import acting

    failed: list[int] = []

    def fail_once() -> None:
        if not failed:
            failed.append(1)
            raise RuntimeError

    with acting("stoke", fail_once):
        runs = run(at=datetime(2026, 1, 5, 4, 0, tzinfo=UTC), failures=True)
    assert [item.fate for item in runs] == ["again", "succeeded"]
