"""Asking for jobs: with the requester's transaction, checked when it is asked, queued once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from meishi.context import current_scope
from meishi.core.operations.contract import OperationState
from meishi.jobs.book import UnfitArguments, UnknownJob
from meishi.jobs.requests import UnfitRequest
from meishi.sdk import jobs
from meishi.testing.jobs import JobRuns

from .conftest import Foundry
from .foundry import FOUNDRY, acting


def test_a_job_runs_where_and_for_whom_it_was_asked(foundry: Foundry, run: JobRuns) -> None:
    """Its effects are in the workspace, its operation says whose it was and what it came to."""
    operation = foundry.request("cast", jobs.JobOptions(subject="/api/v1/bells/1"), thing="bell")
    (made,) = run()
    assert (made.job, made.fate, made.operation) == ("foundry.cast", "succeeded", operation)
    assert foundry.parts("bell") == [1]
    found = foundry.operation(operation)
    assert (found.state, found.result) == (OperationState.SUCCEEDED, '{"parts":1}')
    assert (found.kind, found.subject) == ("foundry.cast", "/api/v1/bells/1")
    assert found.created_by == foundry.workspace.owner_id


def test_what_is_rolled_back_was_never_asked_for(foundry: Foundry, run: JobRuns) -> None:
    """A request that fails leaves neither an operation nor a job."""

    def ask_and_fail() -> None:
        with foundry.host.scope(workspace=foundry.workspace.id, plugin=FOUNDRY):
            jobs.request("cast", thing="bell")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert run() == []
    assert foundry.rows("SELECT count(*) FROM meishi_operations.operation") == [(0,)]


def test_no_notice_is_sent_by_who_asks(foundry: Foundry) -> None:
    """The queue's own notices would hold up every commit: a worker defers the job later."""
    foundry.request("cast", thing="bell")
    assert foundry.states() == []


@pytest.mark.parametrize(
    ("job", "arguments", "said"),
    [
        ("cats", {}, "foundry declares no job 'cats'; did you mean 'cast'?"),
        ("melt", {}, "foundry declares no job 'melt'; return it from the hook `jobs`"),
        ("cast", {}, "missing a required argument: 'thing'"),
        ("cast", {"thing": "bell", "weight": 3}, "got an unexpected keyword argument 'weight'"),
        ("cast", {"thing": 7}, "Expected `str`, got `int`"),
        ("cast", {"thing": "bell", "total": 1.5}, "Expected `int`, got `float`"),
        ("cast", {"thing": object()}, "Encoding objects of type object is unsupported"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_asked(
    foundry: Foundry, job: str, arguments: dict[str, object], said: str
) -> None:
    """An error that shows at night, in a worker, comes too late."""
    with pytest.raises((UnknownJob, UnfitArguments)) as refused:
        foundry.request(job, **arguments)
    assert said in str(refused.value)


def test_a_time_without_a_zone_is_refused(foundry: Foundry) -> None:
    """Nobody knows when it is."""
    options = jobs.JobOptions(at=datetime(2031, 1, 1))  # noqa: DTZ001 (that is the point)
    with pytest.raises(UnfitRequest, match="needs a time zone"):
        foundry.request("cast", options, thing="bell")


def test_a_priority_out_of_range_is_refused(foundry: Foundry) -> None:
    """Declared and asked priorities have the same bounds."""
    with pytest.raises(UnfitRequest, match="-100 to 100, not 101"):
        foundry.request("cast", jobs.JobOptions(priority=101), thing="bell")


def test_a_job_needs_a_workspace(foundry: Foundry) -> None:
    """Its operation would be nobody's."""
    with (
        pytest.raises(UnfitRequest, match="inside of a workspace"),
        foundry.host.scope(plugin=FOUNDRY),
    ):
        jobs.request("cast", thing="bell")


@pytest.mark.parametrize("inside", [True, False])
def test_a_job_of_the_deployment_runs_in_no_workspace(
    foundry: Foundry, run: JobRuns, inside: bool
) -> None:
    """Wherever it is asked for, it is no member's to see or to cancel, and its key is common."""
    places: list[object] = []
    workspace = foundry.workspace.id if inside else None
    with foundry.host.scope(workspace=workspace, plugin=FOUNDRY) as scope:
        jobs.request("survey", site="quarry")
        assert scope.workspace_id == workspace
    with acting("quarry", lambda: places.append(current_scope().workspace_id)):
        (made,) = run()
    assert (made.job, made.workspace, made.operation) == ("foundry.survey", None, None)
    assert places == [None]
    assert foundry.rows("SELECT count(*) FROM meishi_operations.operation") == [(0,)]
    assert foundry.rows("SELECT lock FROM meishi_jobs.procrastinate_jobs") == [
        ('foundry.survey//"quarry"',)
    ]


def test_a_job_of_the_deployment_leaves_the_workspace_as_it_was(foundry: Foundry) -> None:
    """What follows in the same transaction is still done in the workspace."""
    with foundry.host.scope(workspace=foundry.workspace.id, plugin=FOUNDRY) as scope:
        jobs.request("survey", site="quarry")
        scope.work.execute(
            "INSERT INTO foundry.part (workspace_id, thing, number)"
            " VALUES (%(workspace)s, 'bell', 1)",
            {"workspace": foundry.workspace.id},
        )
    assert foundry.parts("bell") == [1]


def test_arguments_come_back_as_what_they_were(foundry: Foundry, run: JobRuns) -> None:
    """Types that JSON does not have survive the queue."""
    foundry.request("forge", piece="nail", owner=UUID(int=7))
    run()
    assert foundry.parts("nail") == [0]


def test_a_later_time_is_waited_for(foundry: Foundry, run: JobRuns) -> None:
    """A job that is asked for tomorrow does not run today."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    operation = foundry.request("cast", jobs.JobOptions(at=tomorrow), thing="bell")
    assert run() == []
    assert foundry.states() == ["todo"]
    assert foundry.operation(operation).state is OperationState.WAITING


def test_jobs_of_the_highest_priority_come_first(foundry: Foundry, run: JobRuns) -> None:
    """The declared priority counts, unless the request has another."""
    foundry.request("cast", thing="low")
    foundry.request("forge", piece="declared")
    foundry.request("cast", jobs.JobOptions(priority=9), thing="asked")
    run()
    order = foundry.rows("SELECT thing FROM foundry.part ORDER BY id")
    assert order == [("asked",), ("declared",), ("low",)]


def test_a_replayed_delivery_queues_no_second_job(foundry: Foundry, run: JobRuns) -> None:
    """The job is queued in the transaction that moves the subscription on."""
    foundry.request("cast", thing="bell")
    run()
    run()
    assert foundry.states() == ["succeeded"]


def test_what_a_job_publishes_continues_the_chain_of_its_request(
    foundry: Foundry, run: JobRuns
) -> None:
    """From the request to the end of the work all has one correlation."""
    foundry.request("cast", thing="bell")
    run()
    chains = foundry.rows("SELECT type, trace->>'correlation' FROM meishi_events.event")
    assert {kind for kind, _ in chains} >= {"job.requested.v1", "operation.finished.v1"}
    assert len({chain for _, chain in chains}) == 1
