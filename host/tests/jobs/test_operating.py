"""Operating on jobs: seeing them, trying them again, cancelling them; and what keeps the house."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from meishi.context import current_scope
from meishi.core.operations.contract import OperationState
from meishi.jobs.housekeeping import follow_queues, forget_old
from meishi.jobs.operations import (
    DB_SCHEMA,
    InvalidJobInput,
    JobFilter,
    JobNotFound,
    JobState,
    WrongJobState,
    cancel_job,
    job_workers_alive,
    list_jobs,
    list_queues,
    list_schedules,
    retry_job,
    show_job,
)
from meishi.jobs.queue import UnreadableJob, take
from meishi.jobs.roster import JobRoster
from meishi.jobs.schedules import Scheduler
from meishi.sdk.jobs import JobOptions
from meishi.testing.jobs import JobRuns

from .conftest import Foundry
from .foundry import acting

R = TypeVar("R")


def operate(foundry: Foundry, action: Callable[[], R]) -> R:
    """Do something as an operator does."""
    with foundry.host.scope(plugin=DB_SCHEMA):
        return action()


def fail(_number: int) -> None:
    """Fail."""
    raise RuntimeError("the mould broke")


def test_jobs_are_listed_the_newest_first_in_pages(foundry: Foundry, run: JobRuns) -> None:
    """A page says where the next one goes on."""
    for _ in range(3):
        foundry.request("cast", thing="bell")
    run()
    first = operate(foundry, lambda: list_jobs(JobFilter(), limit=2))
    assert first.next_after is not None
    rest = operate(foundry, lambda: list_jobs(JobFilter(), limit=2, after=first.next_after))
    assert [item.id for item in (*first.items, *rest.items)] == [3, 2, 1]
    assert rest.next_after is None


def test_a_list_holds_what_is_wanted(foundry: Foundry, run: JobRuns) -> None:
    """By job, queue, state and workspace."""
    foundry.request("cast", thing="bell")
    run()
    foundry.request("forge", JobOptions(at=datetime.now(UTC) + timedelta(days=1)), piece="nail")
    run()
    for wanted, found in (
        (JobFilter(job="foundry.cast"), ["foundry.cast"]),
        (JobFilter(queue="foundry.anvil"), ["foundry.forge"]),
        (JobFilter(state=JobState.SUCCEEDED), ["foundry.cast"]),
        (JobFilter(state=JobState.WAITING), ["foundry.forge"]),
        (JobFilter(state=JobState.RUNNING), []),
        (JobFilter(workspace=foundry.workspace.id), ["foundry.forge", "foundry.cast"]),
        (JobFilter(workspace=foundry.host.new_id()), []),
    ):
        page = operate(foundry, lambda wanted=wanted: list_jobs(wanted))  # type: ignore[misc]
        assert [item.job for item in page.items] == found


def test_a_job_is_shown_with_its_failures(foundry: Foundry, run: JobRuns) -> None:
    """An operator sees who asked for what, how often it was tried, and why that failed."""
    operation = foundry.request("cast", thing="bell")
    with acting("bell", fail):
        run(failures=True)
    details = operate(foundry, lambda: show_job(1))
    job = details.job
    assert (job.state, job.attempts, job.failures) == (JobState.FAILED, 3, 3)
    assert (job.operation, job.requested_by) == (operation, foundry.workspace.owner_id)
    assert job.arguments == '{"thing":"bell"}'
    assert job.finished_at is not None
    assert [item.attempt for item in details.failures] == [1, 2, 3]
    assert "the mould broke" in details.failures[0].error


def test_a_job_that_is_not_there_is_not_found(foundry: Foundry) -> None:
    """Whatever is done to it."""
    for action in (show_job, retry_job, cancel_job):
        with pytest.raises(JobNotFound, match="no job 7"):
            operate(foundry, lambda action=action: action(7))  # type: ignore[misc]
    with pytest.raises(InvalidJobInput, match="1 to 1000"):
        operate(foundry, lambda: list_jobs(JobFilter(), limit=0))


def test_a_job_that_waits_for_its_time_can_run_now(foundry: Foundry, run: JobRuns) -> None:
    """Nobody has to wait for a back-off, or for tomorrow."""
    foundry.request("cast", JobOptions(at=datetime.now(UTC) + timedelta(days=1)), thing="bell")
    assert run() == []
    operate(foundry, lambda: retry_job(1))
    assert [item.fate for item in run()] == ["succeeded"]


def test_a_failed_job_is_asked_for_anew(foundry: Foundry, run: JobRuns) -> None:
    """Its operation has ended, and stays so; another job with another operation does the work."""
    operation = foundry.request("cast", JobOptions(subject="/bells/1"), thing="bell")
    with acting("bell", fail):
        run(failures=True)
    anew = operate(foundry, lambda: retry_job(1))
    assert anew.id == 2
    assert anew.operation not in (None, operation)
    assert [item.fate for item in run()] == ["succeeded"]
    assert foundry.operation(operation).state is OperationState.FAILED
    assert anew.operation is not None
    found = foundry.operation(anew.operation)
    assert (found.state, found.subject) == (OperationState.SUCCEEDED, "/bells/1")
    assert found.created_by == foundry.workspace.owner_id


def test_a_failed_job_without_operation_runs_again(foundry: Foundry, run: JobRuns) -> None:
    """One that a schedule asked for has all of its attempts again."""
    at = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)

    def fail_always() -> None:
        raise RuntimeError

    with acting("stoke", fail_always):
        run(at=at, failures=True)
    assert foundry.states() == ["failed"]
    operate(foundry, lambda: retry_job(1))
    assert [item.fate for item in run()] == ["succeeded"]


def test_what_is_done_is_not_tried_again(foundry: Foundry, run: JobRuns) -> None:
    """It would be done twice."""
    foundry.request("cast", thing="bell")
    run()
    with pytest.raises(WrongJobState, match="cannot be tried again: succeeded"):
        operate(foundry, lambda: retry_job(1))
    with pytest.raises(WrongJobState, match="has ended already: succeeded"):
        operate(foundry, lambda: cancel_job(1))


def test_an_operator_cancels_a_waiting_job(foundry: Foundry, run: JobRuns) -> None:
    """The job leaves the queue, and its operation has ended."""
    tomorrow = JobOptions(at=datetime.now(UTC) + timedelta(days=1))
    operation = foundry.request("cast", tomorrow, thing="bell")
    run()
    assert operate(foundry, lambda: cancel_job(1)).state is JobState.CANCELLED
    assert foundry.operation(operation).state is OperationState.CANCELLED
    assert run() == []


def test_an_operator_cancels_a_running_job(foundry: Foundry, run: JobRuns) -> None:
    """It stops between two of its steps."""
    operation = foundry.request("cast", thing="bell", total=5)

    def cancel(number: int) -> None:
        if number == 2:
            operate(foundry, lambda: cancel_job(1))

    with acting("bell", cancel):
        (made,) = run()
    assert made.fate == "cancelled"
    assert foundry.parts("bell") == [1, 2]
    assert foundry.operation(operation).state is OperationState.CANCELLED


def test_queues_show_what_waits_and_for_how_long(foundry: Foundry, run: JobRuns) -> None:
    """Those of active plugins are there when they are empty; others, as long as jobs are left."""
    foundry.request("forge", piece="nail")
    run._deliver()
    foundry.admin.execute("UPDATE meishi_jobs.run SET requested_at = now() - interval '1 hour'")
    found = {item.queue: item for item in operate(foundry, lambda: list_queues(foundry.host.jobs))}
    assert (found["foundry.anvil"].waiting, found["foundry.anvil"].due) == (1, 1)
    assert found["foundry.anvil"].lag_seconds > 3500
    assert found["foundry.default"].waiting == 0
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET queue_name = 'gone.default'")
    found = {item.queue: item for item in operate(foundry, lambda: list_queues(foundry.host.jobs))}
    assert not found["gone.default"].active
    assert found["foundry.anvil"].waiting == 0


FOREIGN = """
    INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name, priority, args, status)
    VALUES ('foundry.default', 'foundry.cast', 0, %s, 'todo')
"""


@pytest.mark.parametrize("args", ["{}", '{"actor": "x", "arguments": "["}', '{"arguments": 7}'])
def test_what_something_else_queued_is_seen_and_cancelled(foundry: Foundry, args: str) -> None:
    """Who meets it in the queue says its number; all that it carries is shown."""
    foundry.admin.execute(FOREIGN, (args,))
    roster = JobRoster(foundry.host, foundry.host.new_id())
    roster.sign()
    number = roster.worker
    assert number is not None
    with pytest.raises(UnreadableJob, match="`meishi jobs cancel 1`"):
        operate(foundry, lambda: take(current_scope().work, ["foundry.default"], number))
    (job,) = operate(foundry, lambda: list_jobs(JobFilter())).items
    assert (job.id, job.state, job.attempts, job.requested_at) == (1, JobState.WAITING, 0, None)
    assert json.loads(job.arguments) == json.loads(args)
    (queue,) = [q for q in operate(foundry, lambda: list_queues(foundry.host.jobs)) if q.waiting]
    assert (queue.queue, queue.waiting, queue.due) == ("foundry.default", 1, 1)
    assert operate(foundry, lambda: cancel_job(1)).state is JobState.CANCELLED


def test_schedules_show_their_next_tick(foundry: Foundry, run: JobRuns) -> None:
    """By the name of the job, with the tick that was acted on last."""
    at = datetime(2026, 1, 5, 3, 15, tzinfo=UTC)
    run(at=at)
    found = operate(foundry, lambda: list_schedules(foundry.host.jobs, at))
    stoke, sweep = (item for item in found if item.job.startswith("foundry."))
    assert (stoke.job, stoke.next_tick) == ("foundry.stoke", datetime(2026, 1, 5, 4, tzinfo=UTC))
    assert (sweep.last_tick, sweep.next_tick) == (at, at + timedelta(days=7))


def test_a_schedule_that_never_came_has_no_last_tick(foundry: Foundry) -> None:
    """It begins when a worker first sees it, which is no tick."""
    at = datetime(2026, 1, 5, 3, 14, 20, tzinfo=UTC)
    Scheduler(foundry.host).register(at)
    found = operate(foundry, lambda: list_schedules(foundry.host.jobs, at))
    assert {item.last_tick for item in found} == {None}


def test_processes_that_run_jobs_are_counted(foundry: Foundry) -> None:
    """As long as they are heard of."""
    roster = JobRoster(foundry.host, foundry.host.new_id())
    assert operate(foundry, job_workers_alive) == 0
    roster.sign()
    assert operate(foundry, job_workers_alive) == 1
    roster.leave()
    assert operate(foundry, job_workers_alive) == 0


def test_old_jobs_are_forgotten(foundry: Foundry, run: JobRuns) -> None:
    """Those that ended longer ago than they are kept, with all that is known of them."""
    for _ in range(2):
        foundry.request("cast", thing="bell")
    run()
    foundry.admin.execute(
        "UPDATE meishi_jobs.run SET finished_at = now() - interval '15 days' WHERE job_id = 1"
    )
    forget_old(foundry.host)
    assert foundry.rows("SELECT job_id FROM meishi_jobs.run") == [(2,)]
    assert foundry.states() == ["succeeded"]


def test_waiting_jobs_follow_when_their_queue_is_renamed(foundry: Foundry, run: JobRuns) -> None:
    """Nobody serves the old name any more."""
    foundry.request("cast", thing="bell")
    run._deliver()
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET queue_name = 'foundry.old'")
    assert run() == []
    follow_queues(foundry.host)
    assert [item.fate for item in run()] == ["succeeded"]


def test_a_worker_serves_the_queues_that_it_is_told(foundry: Foundry) -> None:
    """By their full names, or all of a plugin's."""
    book = foundry.host.jobs
    assert set(book.queues()) >= {"foundry.anvil", "foundry.default", "meishi_operations.default"}
    assert book.queues(["foundry.anvil"]) == ["foundry.anvil"]
    assert book.queues(["foundry.*"]) == ["foundry.anvil", "foundry.default"]
    assert book.queues(["crm_enrichment.*"]) == []
