"""`meishi jobs`: tables for people, JSON for programs, one line where something is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from meishi.database.location import Location
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

from .conftest import Run

pytestmark = pytest.mark.once

JOB, QUEUE = "crm_contacts.run_import", "crm_contacts.imports"


@pytest.fixture
def operations(
    migrated: Location, workspace: WorkspaceUnderTest, deliver_events: EventDeliveries
) -> list[UUID]:
    """Three jobs that wait in the queue, by their operations."""
    found = []
    for _ in range(3):
        with workspace.acting_as("crm_contacts") as scope:
            found.append(
                scope.host.request_job(
                    "run_import", {"import_id": uuid4()}, at=None, priority=None, subject=None
                )
            )
    deliver_events()
    return found


def document(run: Run, *arguments: str) -> Any:
    """Return the one JSON document that a command prints."""
    result = run("jobs", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    return json.loads(result.out)


def refusal(run: Run, *arguments: str) -> tuple[str, str]:
    """Return error and hint of a command that is refused; it prints nothing else."""
    result = run("jobs", *arguments)
    assert (result.code, result.out) == (1, "")
    error, *hint = result.err.splitlines()
    return error.removeprefix("Error: "), "".join(hint).removeprefix("Hint: ")


def test_jobs_are_listed_page_by_page(run: Run, operations: list[UUID]) -> None:
    """The newest first; the end of a page says how to go on."""
    page = run("jobs", "list", "--limit", "2")
    assert page.out.count(JOB) == 2
    after = page.out.splitlines()[-1].removeprefix("There are more: --after ")
    (last,) = document(run, "list", "--after", after)["items"]
    assert last["operation"] == str(operations[0])
    assert run("jobs", "list", "--after", str(last["id"])).out == "There are no more.\n"


def test_filters_narrow_the_list(
    run: Run, operations: list[UUID], workspace: WorkspaceUnderTest
) -> None:
    """State, job, queue and workspace, each alone."""
    for option, value, other in (
        ("--state", "waiting", "failed"),
        ("--job", JOB, "crm_contacts.other"),
        ("--queue", QUEUE, "crm_contacts.other"),
    ):
        assert len(document(run, "list", option, value)["items"]) == 3, option
        assert run("jobs", "list", option, other).out == "There is no such job.\n", option
    assert len(document(run, "list", "--workspace", "one")["items"]) == 3
    assert refusal(run, "list", "--workspace", "onee") == (
        "There is no workspace 'onee'.",
        "Did you mean 'one'?",
    )


def test_a_job_is_shown_with_all_that_is_known(run: Run, operations: list[UUID]) -> None:
    """Its arguments, its operation, and who asked for it."""
    number = str(document(run, "list")["items"][0]["id"])
    shown = run("jobs", "show", number).out
    assert f"operation:    {operations[-1]}\n" in shown
    assert 'arguments:    {"import_id":"' in shown
    assert "requested by: the system\n" in shown
    found = document(run, "show", number)
    assert found["failures"] == []
    assert list(found["job"]["arguments"]) == ["import_id"]
    assert document(run, "list")["items"][0] == found["job"]
    assert document(run, "retry", number)["arguments"] == found["job"]["arguments"]


def test_unknown_jobs_are_refused_by_name(run: Run, migrated: Location) -> None:
    """One line says so, another what shows those that there are."""
    assert refusal(run, "show", "77") == (
        "There is no job 77.",
        "`meishi jobs list` shows them.",
    )
    assert run("jobs", "show", str(2**63)).code == 2


def test_queues_and_schedules_are_shown(run: Run, operations: list[UUID]) -> None:
    """What waits in each queue, and what comes by itself."""
    table = run("jobs", "queues")
    assert QUEUE in table.out
    assert table.out.endswith("Workers alive: 0.\n")
    (queue,) = [item for item in document(run, "queues")["queues"] if item["queue"] == QUEUE]
    assert (queue["active"], queue["waiting"], queue["due"], queue["running"]) == (True, 3, 3, 0)
    assert isinstance(document(run, "schedules")["schedules"], list)
    assert run("jobs", "schedules").code == 0


def test_a_job_that_waits_is_cancelled_once(run: Run, operations: list[UUID]) -> None:
    """It never runs; what has ended already is said so."""
    number = str(document(run, "list")["items"][0]["id"])
    assert run("jobs", "cancel", number).out == f"Job {number} is cancelled.\n"
    assert document(run, "show", number)["job"]["state"] == "cancelled"
    assert refusal(run, "cancel", number)[0] == f"The job {number} has ended already: cancelled."
    assert refusal(run, "retry", number) == (
        f"The job {number} cannot be tried again: cancelled.",
        "What waits or has failed can be tried again.",
    )


def test_a_job_that_failed_for_good_is_asked_for_anew(
    run: Run, operations: list[UUID], run_jobs: JobRuns
) -> None:
    """As another job; the first one stays, with why it failed."""
    number = document(run, "list")["items"][0]["id"]
    assert run("jobs", "retry", str(number)).out == (
        f"Job {number} runs as soon as a worker is free.\n"
    )
    run_jobs(failures=True)
    shown = run("jobs", "show", str(number)).out
    assert "state:        failed\n" in shown
    assert "ImportNotFound" in shown
    anew = document(run, "retry", str(number))
    assert (anew["state"], anew["job"]) == ("waiting", JOB)
    assert anew["id"] > number
    assert len(document(run, "list", "--state", "failed")["items"]) == 3
