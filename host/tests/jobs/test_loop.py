"""The loop of a process that runs jobs, in a thread of the test."""

from __future__ import annotations

import ctypes
import gc
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meishi.core.operations.contract import OperationState
from meishi.events.notices import Notices
from meishi.jobs.cancelling import take_out
from meishi.jobs.crew import JobCrew
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.roster import JobRoster
from meishi.jobs.runner import JobRunner
from meishi.jobs.worker import CLEANING, JobWorker
from meishi.testing.events import EventDeliveries, UnwatchedCalls

from .conftest import Foundry
from .foundry import acting

#: Seconds that a test waits for what must come; nothing is measured by them.
PATIENCE = 60.0


@contextmanager
def working(
    foundry: Foundry, elapsed: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[], None]]:
    """Run jobs until the block ends; what it is given tells everybody to end, before that."""
    worker = JobWorker(
        foundry.host,
        worker_id=foundry.host.new_id(),
        threads=2,
        watch=UnwatchedCalls(),
        elapsed=elapsed,
    )
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()

    def end() -> None:
        stop.set()
        worker.interrupt()
        assert worker._crew._stop.wait(PATIENCE)

    try:
        yield end
    finally:
        stop.set()
        worker.interrupt()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def deliver(foundry: Foundry) -> EventDeliveries:
    """Delivers events at once."""
    deliveries = EventDeliveries(foundry.host)
    deliveries.register()
    return deliveries


def test_what_is_deferred_is_run(foundry: Foundry, deliver: EventDeliveries) -> None:
    """Nobody has to ask: the queue tells of new jobs."""
    done = threading.Event()
    with acting("bell", lambda _: done.set()), working(foundry):
        operation = foundry.request("cast", thing="bell")
        deliver()
        assert done.wait(PATIENCE)
    assert foundry.operation(operation).state is OperationState.SUCCEEDED


def test_a_lost_database_is_waited_for(foundry: Foundry, deliver: EventDeliveries) -> None:
    """Every connection breaks, under a step as well; all is done once they are back."""
    delivered, begun, done = threading.Event(), threading.Event(), threading.Event()

    def cut(_number: int) -> None:
        if not begun.is_set():
            begun.set()
            assert delivered.wait(PATIENCE)
            foundry.rows(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        else:
            done.set()

    with acting("bell", cut), working(foundry):
        operation = foundry.request("cast", thing="bell")
        deliver()
        delivered.set()
        assert done.wait(PATIENCE)
    assert foundry.operation(operation).state is OperationState.SUCCEEDED
    assert foundry.parts("bell") == [1]
    assert foundry.rows("SELECT count(*) FROM meishi_jobs.failure") == [(0,)]


_END_WHO_WAITS = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE relation = 'identity.workspace'::regclass AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_a_database_that_is_lost_under_a_schedule_is_waited_for(
    foundry: Foundry, deliver: EventDeliveries
) -> None:
    """Who asks which workspaces there are goes on as everybody else, and so do jobs."""
    done = threading.Event()
    foundry.request("cast", thing="bell")
    deliver()
    with foundry.admin.transaction():
        foundry.admin.execute("LOCK TABLE identity.workspace IN ACCESS EXCLUSIVE MODE")
        with acting("bell", lambda _: done.set()), working(foundry):
            given_up = time.monotonic() + PATIENCE
            while not foundry.rows(_END_WHO_WAITS):
                assert time.monotonic() < given_up, "nobody asks"
            assert done.wait(PATIENCE)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc"
)
def test_memory_that_a_job_leaves_is_given_back(foundry: Foundry, deliver: EventDeliveries) -> None:
    """What was freed between things that stay, with the next cleaning."""
    done, passed = threading.Event(), [0.0]
    stay: list[bytes] = []

    def spread(_number: int) -> None:
        everything = [number.to_bytes(2_000, "big") for number in range(64 * 500)]
        stay.extend(everything[::500])
        del everything
        done.set()

    # Else there would be room for it in what others have freed, or would free meanwhile.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    before = resident_mb()
    with acting("bell", spread), working(foundry, lambda: time.monotonic() + passed[0]):
        foundry.request("cast", thing="bell")
        deliver()
        assert done.wait(PATIENCE)
        left = resident_mb()
        assert left > before + 48
        passed[0] = CLEANING
        given_up = time.monotonic() + PATIENCE
        while resident_mb() > left - 32:
            assert time.monotonic() < given_up, "nothing was given back"
    assert len(stay) == 64


def resident_mb() -> float:
    """Return how much memory this process has."""
    found = re.search(r"^VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def test_the_end_comes_between_two_steps(foundry: Foundry, deliver: EventDeliveries) -> None:
    """The step in hand is kept, the job goes back, and the process leaves the list."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_number: int) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    operation = foundry.request("cast", thing="bell", total=99)
    deliver()
    with acting("bell", wait):
        with working(foundry) as end:
            assert begun.wait(PATIENCE)
            end()
            go_on.set()
        assert foundry.states() == ["todo"]
    assert foundry.parts("bell") == [1]
    assert foundry.operation(operation).done == 1
    assert foundry.rows("SELECT count(*) FROM meishi_jobs.procrastinate_workers") == [(0,)]


def test_a_job_that_cannot_be_read_ends_no_thread(
    foundry: Foundry, deliver: EventDeliveries, capfd: pytest.CaptureFixture[str]
) -> None:
    """It stays where it is until somebody cancels it; whoever met it takes the next one then."""
    foundry.request("cast", thing="bell")
    foundry.request("cast", thing="gong")
    deliver()
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET args = '{}' WHERE id = 1")
    host, notices = foundry.host, Notices(foundry.host.settings.log_level)
    runner = JobRunner(host, UnwatchedCalls(), notices, random=lambda: 0.0)
    roster = JobRoster(host, host.new_id())
    roster.sign()
    crew = JobCrew(host, runner, notices, host.jobs.queues, lambda: roster.worker)
    assert crew._take() is None
    assert "`meishi jobs cancel 1`" in capfd.readouterr().err
    assert foundry.states() == ["todo", "todo"]
    with host.within(DB_SCHEMA) as scope:
        assert take_out(scope.work, 1)
    taken = crew._take()
    assert taken is not None
    assert taken.id == 2
