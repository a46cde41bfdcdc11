"""Steps: each is kept with its progress or not at all; failures, retries, cancelling, fences."""

from __future__ import annotations

from importlib import import_module

import pytest

from meishi.core.operations.contract import OperationState
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.queue import TakenJob, take
from meishi.jobs.roster import JobRoster
from meishi.sdk.database import execute
from meishi.testing.jobs import JobFault, JobRuns

from .conftest import Foundry
from .foundry import acting


def test_each_step_is_kept_with_how_far_it_came(foundry: Foundry, run: JobRuns) -> None:
    """Between two steps, who looks sees as many parts as the operation says."""
    seen: list[tuple[object, ...]] = []

    def look(_number: int) -> None:
        found = foundry.operation(operation)
        seen.append((found.done, found.total, found.unit, len(foundry.parts("bell"))))

    operation = foundry.request("cast", thing="bell", total=3)
    with acting("bell", look):
        run()
    assert seen == [(0, None, None, 0), (1, 3, "parts", 1), (2, 3, "parts", 2)]
    assert foundry.parts("bell") == [1, 2, 3]


def test_a_failed_step_is_undone_and_tried_again(foundry: Foundry, run: JobRuns) -> None:
    """What was kept before stays; the next attempt goes on with the step that failed."""
    failed: list[int] = []

    def fail_once(number: int) -> None:
        if number == 2 and not failed:
            failed.append(number)
            raise RuntimeError("the mould broke")

    operation = foundry.request("cast", thing="bell", total=3)
    with acting("bell", fail_once):
        runs = run(failures=True)
    assert [(item.attempt, item.fate) for item in runs] == [(1, "again"), (2, "succeeded")]
    assert foundry.parts("bell") == [1, 2, 3]
    assert "RuntimeError: the mould broke" in runs[0].error
    assert foundry.operation(operation).state is OperationState.SUCCEEDED


def test_a_job_that_fails_too_often_has_failed(foundry: Foundry, run: JobRuns) -> None:
    """Operators have a traceback of each attempt; callers read that it failed, not why."""
    operation = foundry.request("cast", thing="bell")

    def fail(_number: int) -> None:
        raise RuntimeError("secret: 4711")

    with acting("bell", fail):
        runs = run(failures=True)
    assert [item.fate for item in runs] == ["again", "again", "failed"]
    assert foundry.parts("bell") == []
    found = foundry.operation(operation)
    assert found.state is OperationState.FAILED
    assert found.error is not None
    assert found.error.code == "internal-error"
    assert "4711" not in found.error.detail
    errors = foundry.rows("SELECT attempt, error FROM meishi_jobs.failure ORDER BY attempt")
    assert [attempt for attempt, _ in errors] == [1, 2, 3]
    assert all("secret: 4711" in error for _, error in errors)


def test_a_declared_error_reaches_the_caller(foundry: Foundry, run: JobRuns) -> None:
    """It was meant for them: its code, title and words are in the operation."""
    operation = foundry.request("cast", thing="bell")

    def fail(_number: int) -> None:
        raise import_module("foundry.works").Cold("Light it first.")

    with acting("bell", fail):
        run(failures=True)
    error = foundry.operation(operation).error
    assert error is not None
    assert (error.code, error.title) == ("foundry-cold", "The fire is out")
    assert error.detail == "Light it first."


def test_a_fatal_error_is_not_tried_again(foundry: Foundry, run: JobRuns) -> None:
    """No repetition would cure it."""
    foundry.request("cast", thing="bell")

    def fail(_number: int) -> None:
        raise ZeroDivisionError

    with acting("bell", fail):
        runs = run(failures=True)
    assert [item.fate for item in runs] == ["failed"]


@pytest.mark.parametrize("answer", ["done", 3, ["bell"]])
def test_a_step_that_returns_something_else_has_failed(
    foundry: Foundry, run: JobRuns, answer: object
) -> None:
    """A slip of the pen is not taken for the end of the work."""
    foundry.request("cast", thing="bell")
    with acting("bell", lambda _: answer), pytest.raises(JobFault, match="a step returns"):
        run()
    assert foundry.parts("bell") == []


def test_an_unexpected_failure_fails_the_test(foundry: Foundry, run: JobRuns) -> None:
    """An author reads the traceback of the job, not that something was not there."""
    foundry.request("cast", thing="bell")

    def fail(_number: int) -> None:
        raise RuntimeError("the mould broke")

    with acting("bell", fail), pytest.raises(JobFault, match="the mould broke"):
        run()


def test_a_waiting_job_is_cancelled_at_once(foundry: Foundry, run: JobRuns) -> None:
    """It leaves the queue, and never runs."""
    operation = foundry.request("cast", thing="bell")
    foundry.cancel(operation)
    assert run() == []
    assert foundry.states() == ["cancelled"]
    assert foundry.operation(operation).state is OperationState.CANCELLED
    assert foundry.parts("bell") == []


def test_a_running_job_stops_between_two_steps(foundry: Foundry, run: JobRuns) -> None:
    """The step that runs is kept, and none follows."""
    operation = foundry.request("cast", thing="bell", total=5)
    with acting("bell", lambda number: foundry.cancel(operation) if number == 2 else None):
        runs = run()
    assert [item.fate for item in runs] == ["cancelled"]
    assert foundry.parts("bell") == [1, 2]
    found = foundry.operation(operation)
    assert (found.state, found.done) == (OperationState.CANCELLED, 2)
    assert foundry.states() == ["aborted"]


def test_a_job_that_fails_when_it_is_cancelled_is_not_tried_again(
    foundry: Foundry, run: JobRuns
) -> None:
    """Whoever asked for the end has it, though the step came to nothing."""
    operation = foundry.request("cast", thing="bell", total=5)

    def fail(_number: int) -> None:
        foundry.cancel(operation)
        raise RuntimeError

    with acting("bell", fail):
        runs = run(failures=True)
    assert [item.fate for item in runs] == ["cancelled"]
    assert foundry.operation(operation).state is OperationState.CANCELLED
    assert foundry.states() == ["aborted"]


def test_what_waits_for_its_next_try_can_be_cancelled(foundry: Foundry, run: JobRuns) -> None:
    """The operation runs, as callers see it, but nobody is at it who could stop."""
    operation = foundry.request("cast", thing="bell")

    def fail(_number: int) -> None:
        raise RuntimeError

    with acting("bell", fail):
        _attempt_later(foundry, run)
    foundry.cancel(operation)
    assert run() == []
    assert foundry.operation(operation).state is OperationState.CANCELLED
    assert foundry.states() == ["cancelled"]


def _attempt_later(foundry: Foundry, run: JobRuns) -> None:
    """Let a job fail once, and wait for long."""
    job = _taken(foundry, run)
    from meishi.events.notices import Notices
    from meishi.jobs.runner import JobRunner
    from meishi.testing.events import UnwatchedCalls

    notices = Notices(foundry.host.settings.log_level)
    runner = JobRunner(foundry.host, UnwatchedCalls(), notices, random=lambda: 1.0)
    assert runner.run(job, lambda: False) == "again"
    foundry.admin.execute(
        "UPDATE meishi_jobs.procrastinate_jobs SET scheduled_at = now() + interval '1 day'"
    )


def _taken(foundry: Foundry, run: JobRuns) -> TakenJob:
    """Deliver requests, and take the next job as a worker does."""
    run._deliver()
    roster = JobRoster(foundry.host, foundry.host.new_id())
    roster.sign()
    assert roster.worker is not None
    with foundry.host.within(DB_SCHEMA) as scope:
        job = take(scope.work, foundry.host.jobs.queues(), roster.worker)
    assert job is not None
    return job


def test_an_overtaken_run_undoes_its_step(foundry: Foundry, run: JobRuns) -> None:
    """Who was taken for dead, and comes back, changes nothing any more."""
    operation = foundry.request("cast", thing="bell", total=3)

    def overtake(number: int) -> None:
        if number == 2:
            foundry.admin.execute("UPDATE meishi_jobs.run SET attempt = attempt + 1")

    with acting("bell", overtake):
        (made,) = run()
    assert made.fate == "overtaken"
    assert foundry.parts("bell") == [1]
    assert foundry.operation(operation).done == 1


def test_jobs_of_one_key_keep_their_order(foundry: Foundry, run: JobRuns) -> None:
    """One that failed holds back those of its key that were asked for later, and no others."""
    for piece, order in (("nail", 1), ("nail", 2), ("hook", 1)):
        foundry.request("forge", piece=piece, order=order)
    failed: list[int] = []

    def fail_once(order: int) -> None:
        if not failed:
            failed.append(order)
            raise RuntimeError

    with acting("nail", fail_once):
        run(failures=True)
    assert foundry.parts("nail") == [1, 2]
    assert foundry.parts("hook") == [1]
    locks = foundry.rows("SELECT DISTINCT lock FROM meishi_jobs.procrastinate_jobs")
    assert len(locks) == 2


def test_a_job_of_no_active_plugin_waits(foundry: Foundry, run: JobRuns) -> None:
    """Workers serve the queues of active plugins only: what waits is there when it comes back."""
    foundry.request("cast", thing="bell")
    run._deliver()
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET queue_name = 'gone.default'")
    assert run() == []
    assert foundry.states() == ["todo"]


def test_a_job_that_nobody_declares_has_failed(foundry: Foundry, run: JobRuns) -> None:
    """A renamed job is no endless loop, and its operation says that it failed."""
    operation = foundry.request("cast", thing="bell")
    run._deliver()
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET task_name = 'foundry.melt'")
    with pytest.raises(JobFault, match="no active plugin declares the job"):
        run()
    assert foundry.operation(operation).state is OperationState.FAILED


def test_a_broken_connection_is_excused_twice(foundry: Foundry, run: JobRuns) -> None:
    """A database that restarts is no fault of a job; one that breaks it every time has failed."""
    foundry.request("cast", thing="bell")

    def hang_up(_number: int) -> None:
        ((backend,),) = execute("SELECT pg_backend_pid()")
        foundry.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        execute("SELECT 1")

    with acting("bell", hang_up):
        runs = run(failures=True)
    fates = [item.fate for item in runs]
    assert fates[:3] == ["given back", "given back", "again"]
    assert fates[-1] == "failed"
    assert foundry.parts("bell") == []
