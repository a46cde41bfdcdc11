"""Jobs in real processes: killed, hanging, told to stop; and schedules with several workers."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from tests.processes import stop, wait_until

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

ATTEMPTS, LIMIT_SECONDS = 2, 30.0

def act(thing, number):
    if thing == "hangs":
        time.sleep(3600)
    if thing == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep({seconds})
"""

#: Some steps hang when they are done first; a file says that they do.
_HANGING = """
import time
from pathlib import Path

ATTEMPTS, LIMIT_SECONDS = {attempts}, 3600.0

def act(thing, number):
    begun = Path({folder!r}, f"begun-{{number}}")
    if number in {steps} and not begun.exists():
        begun.touch()
        time.sleep(3600)
"""

#: Steps take their time until a file says that it is enough; each says that it has begun.
_UNHURRIED = """
import time
from pathlib import Path

ATTEMPTS, LIMIT_SECONDS = 1, 30.0

def act(thing, number):
    Path({folder!r}, f"begun-{{number}}").touch()
    if not Path({folder!r}, "enough").exists():
        time.sleep(1)
"""


def test_a_killed_process_loses_no_step_and_does_none_twice(
    works_with: WorksWith, tmp_path: Path
) -> None:
    """The work goes on with the step that was not kept; progress never goes back."""
    steps = (3, 6, 9)
    works = works_with(_HANGING.format(attempts=9, folder=str(tmp_path), steps=steps))
    with works.worker():
        operation = works.request("bell", total=12)
        for number in steps:
            wait_until((tmp_path / f"begun-{number}").exists, f"step {number} is being done")
            (process,) = works.job_processes()
            assert works.operation(operation).done == number - 1
            os.kill(process, signal.SIGKILL)
            assert works.parts("bell") == list(range(1, number))
        found = works.wait_for("succeeded", operation)
    assert works.parts("bell") == list(range(1, 13))
    assert (found.done, found.total) == (12, 12)
    assert found.attempts == 1 + len(steps)
    assert [thing for thing, _ in works.failures()] == ["bell"] * len(steps)
    assert all("ended by signal 9" in error for _, error in works.failures())


def test_a_job_that_kills_its_process_again_and_again_has_failed(works_with: WorksWith) -> None:
    """It is given up after its attempts, and what is known of it stands in the queue."""
    works = works_with(_DEADLY.format(seconds=0))
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
    works = works_with(_DEADLY.format(seconds=0.3))
    with works.worker():
        beside = works.request("bell", total=40)
        hanging = works.request("hangs", job="melt")
        works.wait_for("failed", hanging)
        works.wait_for("succeeded", beside)
    failures = works.failures()
    assert [thing for thing, _ in failures] == ["hangs", "hangs"]
    assert all("did not end within its limit" in error for _, error in failures)
    assert all("in act" in error for _, error in failures)
    assert works.parts("bell") == list(range(1, 41))


def test_a_worker_that_is_told_to_stop_ends_its_steps_and_gives_its_jobs_back(
    works_with: WorksWith, tmp_path: Path
) -> None:
    """Nothing is undone, nothing counts as failed, and the next worker goes on."""
    works = works_with(_UNHURRIED.format(folder=str(tmp_path)))
    with works.worker():
        operation = works.request("bell", total=99)
        wait_until((tmp_path / "begun-2").exists, "the second step is being done")
    assert 2 <= len(works.parts("bell")) < 99
    assert _states(works) == ["todo"]
    (tmp_path / "enough").touch()
    with works.worker():
        works.wait_for("succeeded", operation)
    assert works.parts("bell") == list(range(1, 100))
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


def test_jobs_of_a_worker_that_is_gone_are_rescued(works_with: WorksWith, tmp_path: Path) -> None:
    """Where nobody is left to tell of its end, silence does; others try its jobs."""
    works = works_with(_HANGING.format(attempts=3, folder=str(tmp_path), steps=(3,)))
    with works.worker() as worker:
        operation = works.request("bell", total=8)
        wait_until((tmp_path / "begun-3").exists, "the third step is being done")
        (process,) = works.job_processes()
        stop(process)
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


def _states(works: Works) -> list[str]:
    query = """
        SELECT status::text FROM meishi_jobs.procrastinate_jobs
        WHERE split_part(task_name, '.', 1) = 'works' ORDER BY id
    """
    return [state for (state,) in works.system.rows(query)]


def _seen(works: Works) -> int:
    return int(works.system.rows("SELECT count(*) FROM meishi_jobs.process")[0][0])
