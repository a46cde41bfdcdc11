"""Jobs in real processes: killed, hanging, told to stop; and schedules with several workers."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from tests.processes import wait_until

from .conftest import Works, WorksWith

pytestmark = pytest.mark.once

_SLOW = """
import time

ATTEMPTS, LIMIT_SECONDS = {attempts}, {limit}

def act(thing, number):
    time.sleep({seconds})
"""

_DEADLY = """
import os, signal, time

ATTEMPTS, LIMIT_SECONDS = 2, {limit}

def act(thing, number):
    if thing == "hangs":
        time.sleep(3600)
    if thing == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep({seconds})
"""


def test_a_killed_process_loses_no_step_and_does_none_twice(works_with: WorksWith) -> None:
    """The work goes on with the step that was not kept; progress never goes back."""
    works = works_with(_SLOW.format(attempts=9, limit=30.0, seconds=0.15))
    with works.worker():
        operation = works.request("bell", total=12)
        for count in (2, 5, 8):
            _wait_for_parts(works, count)
            (process,) = works.job_processes()
            done = works.operation(operation).done
            os.kill(process, signal.SIGKILL)
            assert len(works.parts("bell")) >= done
        found = works.wait_for("succeeded", operation)
    assert works.parts("bell") == list(range(1, 13))
    assert (found.done, found.total) == (12, 12)
    assert found.attempts > 3
    assert {thing for thing, _ in works.failures()} == {"bell"}
    assert all("ended by signal 9" in error for _, error in works.failures())


def test_a_job_that_kills_its_process_again_and_again_has_failed(works_with: WorksWith) -> None:
    """It is given up after its attempts, and what is known of it stands in the queue."""
    works = works_with(_DEADLY.format(limit=30.0, seconds=0))
    with works.worker():
        operation = works.request("kills")
        works.wait_for("failed", operation)
        works.wait_for("succeeded", works.request("bell"))
    assert [thing for thing, _ in works.failures()] == ["kills", "kills"]
    assert works.parts("kills") == []


def test_a_hanging_step_ends_with_its_process_and_takes_no_other_job_along(
    works_with: WorksWith,
) -> None:
    """Its limit ends it, and says where it hung; who ran beside it is not blamed."""
    works = works_with(_DEADLY.format(limit=2.0, seconds=0.3))
    with works.worker():
        beside = works.request("bell", total=20)
        hanging = works.request("hangs")
        works.wait_for("failed", hanging)
        works.wait_for("succeeded", beside)
    failures = works.failures()
    assert [thing for thing, _ in failures] == ["hangs", "hangs"]
    assert all("did not end within its limit" in error for _, error in failures)
    assert all("in act" in error for _, error in failures)
    assert works.parts("bell") == list(range(1, 21))


def test_a_worker_that_is_told_to_stop_ends_its_steps_and_gives_its_jobs_back(
    works_with: WorksWith,
) -> None:
    """Nothing is undone, nothing counts as failed, and the next worker goes on."""
    works = works_with(_SLOW.format(attempts=1, limit=30.0, seconds=1.0))
    with works.worker():
        operation = works.request("bell", total=4)
        _wait_for_parts(works, 1)
    assert 2 <= len(works.parts("bell")) < 4
    assert _states(works) == ["todo"]
    with works.worker():
        works.wait_for("succeeded", operation)
    assert works.parts("bell") == [1, 2, 3, 4]
    assert works.failures() == []


def test_a_step_that_takes_too_long_to_end_goes_back_as_well(works_with: WorksWith) -> None:
    """The process does not wait for it; what it did is undone, and not counted against it."""
    works = works_with(_SLOW.format(attempts=1, limit=300.0, seconds=100))
    with works.worker():
        works.request("bell")
        wait_until(lambda: _states(works) == ["doing"], "the job runs")
    assert _states(works) == ["todo"]
    assert works.failures() == []
    assert works.parts("bell") == []


def test_jobs_of_a_worker_that_is_gone_are_rescued(works_with: WorksWith) -> None:
    """Where nobody is left to tell of its end, silence does; others try its jobs."""
    works = works_with(_SLOW.format(attempts=3, limit=300.0, seconds=0.3))
    with works.worker() as worker:
        operation = works.request("bell", total=8)
        _wait_for_parts(works, 2)
        (process,) = works.job_processes()
        os.kill(process, signal.SIGSTOP)
        worker.kill()
        worker.wait()
        os.kill(process, signal.SIGKILL)
    works.system.rows(
        "UPDATE meishi_jobs.procrastinate_workers SET last_heartbeat = now() - interval '16 s'"
    )
    with works.worker():
        works.wait_for("succeeded", operation)
    assert works.parts("bell") == list(range(1, 9))
    assert [error for _, error in works.failures()] == [
        "The worker that ran it was not heard of for 15 s."
    ]


def test_a_tick_makes_one_job_whatever_the_number_of_workers(works_with: WorksWith) -> None:
    """Ticks that were missed while nothing ran make one job together."""
    works = works_with(_SLOW.format(attempts=1, limit=30.0, seconds=0))
    works.system.rows(
        "INSERT INTO meishi_jobs.schedule VALUES ('works.stoke', '0 0 1 1 *',"
        " now() - interval '3 years')"
    )
    with works.worker(), works.worker(), works.worker():
        wait_until(lambda: len(works.job_processes()) == 3, "three processes")
        wait_until(lambda: _states(works) == ["succeeded"], "the job was run")
        wait_until(lambda: _seen(works) == 3, "all have looked")
        # Who waits for commits in the place of a process that delivers would keep them from it.
        assert not [item for item in works.job_processes() if _hears_commits(item)]
    assert _states(works) == ["succeeded"]


def _hears_commits(process: int) -> bool:
    opened = []
    for entry in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            opened.append(str(entry.readlink()))
    return any(name.endswith("/worker.lock") for name in opened)


def _wait_for_parts(works: Works, count: int) -> None:
    wait_until(lambda: len(works.parts("bell")) >= count, f"{count} parts")


def _states(works: Works) -> list[str]:
    query = """
        SELECT status::text FROM meishi_jobs.procrastinate_jobs
        WHERE split_part(task_name, '.', 1) = 'works' ORDER BY id
    """
    return [state for (state,) in works.system.rows(query)]


def _seen(works: Works) -> int:
    return int(works.system.rows("SELECT count(*) FROM meishi_jobs.process")[0][0])
