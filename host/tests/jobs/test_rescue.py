"""Rescue: jobs of workers that are gone, whose fault that was, and who is let alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from meishi.core.operations.contract import OperationState
from meishi.events.blame import Predecessor
from meishi.events.notices import Notices
from meishi.jobs.failures import Failures
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.queue import TakenJob, take
from meishi.jobs.rescue import Rescue
from meishi.jobs.roster import JobRoster
from meishi.testing.jobs import JobRuns

from .conftest import Foundry


@dataclass(frozen=True, slots=True)
class Wreck:
    """A process that has died with jobs in its hands, and whoever looks after those."""

    foundry: Foundry
    process: UUID
    jobs: list[TakenJob]
    rescue: Rescue

    def silent(self, seconds: int) -> None:
        """Let nothing have been heard of it for so long."""
        self.foundry.admin.execute(
            "UPDATE meishi_jobs.procrastinate_workers"
            f" SET last_heartbeat = now() - interval '{seconds} s'".encode()
        )

    def failures(self) -> list[tuple[int, str]]:
        """Return job and error of what was counted as failed."""
        return self.foundry.rows("SELECT job_id, error FROM meishi_jobs.failure ORDER BY job_id")


@pytest.fixture
def wreck(foundry: Foundry, run: JobRuns) -> Wreck:
    """A process that had two jobs."""
    for thing in ("bell", "gong"):
        foundry.request("cast", thing=thing)
    run._deliver()
    roster = JobRoster(foundry.host, foundry.host.new_id())
    roster.sign()
    assert roster.worker is not None
    jobs = []
    for _ in range(2):
        with foundry.host.within(DB_SCHEMA) as scope:
            job = take(scope.work, foundry.host.jobs.queues(), roster.worker)
        assert job is not None
        jobs.append(job)
    notices = Notices(foundry.host.settings.log_level)
    rescue = Rescue(foundry.host, Failures(foundry.host, notices, lambda: 0.0))
    return Wreck(foundry, roster._process, jobs, rescue)


def test_who_is_heard_of_keeps_its_jobs(wreck: Wreck) -> None:
    """Slow is not dead."""
    wreck.silent(10)
    assert wreck.rescue.stalled() == 0
    assert wreck.foundry.states() == ["doing", "doing"]


def test_jobs_of_a_silent_worker_are_tried_by_others(wreck: Wreck, run: JobRuns) -> None:
    """Silence counts as a failed attempt, so that what kills every worker comes to an end."""
    wreck.silent(16)
    assert wreck.rescue.stalled() == 2
    assert [job for job, _ in wreck.failures()] == [1, 2]
    runs = run(failures=True)
    assert [(item.attempt, item.fate) for item in runs] == [(2, "succeeded"), (2, "succeeded")]


def test_the_guilty_job_alone_has_failed(wreck: Wreck) -> None:
    """Who is known to have ended the process is blamed; who was beside it starts over."""
    guilty = wreck.jobs[0].label
    wreck.rescue.inherit(Predecessor(wreck.process, guilty, "It crashed."))
    assert wreck.failures() == [(1, "It crashed.")]
    assert wreck.foundry.states() == ["todo", "todo"]


def test_where_nobody_is_known_to_be_guilty_each_may_be(wreck: Wreck) -> None:
    """A kill without a word counts against all that were in hand."""
    wreck.rescue.inherit(Predecessor(wreck.process, None, "ended by signal 9"))
    assert [job for job, _ in wreck.failures()] == [1, 2]


def test_what_was_taken_over_is_not_the_old_workers_any_more(wreck: Wreck) -> None:
    """One that was only slow finds that it has no say when it comes back."""
    wreck.silent(16)
    wreck.rescue.stalled()
    notices = Notices(wreck.foundry.host.settings.log_level)
    failures = Failures(wreck.foundry.host, notices, lambda: 0.0)
    assert failures.note(wreck.jobs[0], "late", None) == "overtaken"
    assert failures.give_back(wreck.jobs[0]) == "overtaken"
    assert [error for _, error in wreck.failures()].count("late") == 0


def test_the_last_attempt_that_is_lost_ends_the_operation(wreck: Wreck) -> None:
    """Callers read that it failed, and not which process had it."""
    wreck.foundry.admin.execute("UPDATE meishi_jobs.run SET failures = 2")
    wreck.silent(16)
    wreck.rescue.stalled()
    assert wreck.foundry.states() == ["failed", "failed"]
    operation = wreck.jobs[0].args.operation
    assert operation is not None
    found = wreck.foundry.operation(operation)
    assert found.state is OperationState.FAILED
    assert found.error is not None
    assert found.error.code == "internal-error"


def test_a_process_that_was_taken_for_dead_signs_anew(foundry: Foundry) -> None:
    """It goes on under another number: what it had is not its any more."""
    roster = JobRoster(foundry.host, foundry.host.new_id())
    roster.sign()
    first = roster.worker
    roster.sign()
    assert roster.worker == first
    foundry.admin.execute("DELETE FROM meishi_jobs.procrastinate_workers")
    roster.sign()
    assert roster.worker != first
