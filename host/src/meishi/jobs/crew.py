"""The threads of a process that runs jobs: each takes one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.events.notices import Notices
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.queue import TakenJob
from meishi.jobs.runner import JobRunner
from meishi.jobs.taking import take_running

#: Seconds between two looks into an empty queue: at first, and at most.
BUSY, IDLE = 0.05, 1.0


class JobCrew:
    """Threads that run what waits in `queues`; `worker` tells under which number."""

    def __init__(
        self,
        host: JobEnvironment,
        runner: JobRunner,
        notices: Notices,
        queues: Callable[[], list[str]],
        worker: Callable[[], int | None],
    ) -> None:
        self._host = host
        self._runner = runner
        self._notices = notices
        self._queues = queues
        self._worker = worker
        self._lock = threading.Lock()
        self._rung = threading.Condition()
        self._stop = threading.Event()
        self._in_hand: dict[int, TakenJob] = {}
        self._left: dict[int, TakenJob] = {}
        self._threads: list[threading.Thread] = []

    def start(self, threads: int) -> None:
        """Begin to take jobs, in so many threads."""
        for number in range(threads):
            thread = threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def ring(self) -> None:
        """Let threads that wait look into the queue at once."""
        with self._rung:
            self._rung.notify_all()

    def stop(self, seconds: float) -> list[TakenJob]:
        """Take no more jobs; return those whose steps have not ended in time."""
        self._stop.set()
        self.ring()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            return [*self._in_hand.values(), *self._left.values()]

    def left(self) -> list[TakenJob]:
        """Return the jobs that are still taken, though the database went away under them."""
        with self._lock:
            return list(self._left.values())

    def settled(self, job: TakenJob) -> None:
        """Note that somebody has taken care of a job that was left."""
        with self._lock:
            self._left.pop(job.id, None)

    def _work(self) -> None:
        pause = BUSY
        while not self._stop.is_set():
            job = self._take()
            if job is None:
                with self._rung:
                    rung = self._rung.wait(pause)
                pause = BUSY if rung else min(IDLE, pause * 2)
            else:
                pause = BUSY
                self._run(job)

    def _take(self) -> TakenJob | None:
        worker = self._worker()
        if worker is None:
            return None
        try:
            job = take_running(self._host, self._queues(), worker)
        except (DBAPIError, PoolTimeout):
            # The loop of the process tells of a database that is away. Two that wanted jobs of
            # one key at the same moment both go on later.
            return None
        except Exception as error:  # noqa: BLE001 (as in `_run`: a thread is for good)
            self._notices.warn("no job taken", error=" ".join(str(error).split()))
            return None
        if job is not None:
            with self._lock:
                self._in_hand[job.id] = job
        return job

    def _run(self, job: TakenJob) -> None:
        try:
            self._runner.run(job, self._stop.is_set)
        except Exception as error:  # noqa: BLE001 (what is in the way passes; a thread is for good)
            with self._lock:
                self._left[job.id] = job
            self._notices.warn("job left", job=job.name, error=" ".join(str(error).split()))
        finally:
            with self._lock:
                self._in_hand.pop(job.id, None)
