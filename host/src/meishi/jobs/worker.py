"""The loop of one process that runs jobs: heartbeats, schedules, rescue and housekeeping."""

from __future__ import annotations

import os
import random
import select
import threading
import time
from collections.abc import Callable
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.events.bell import Bell
from meishi.events.blame import Predecessor
from meishi.events.delivery import CallWatch, Unavailable
from meishi.events.notices import Notices
from meishi.jobs.crew import JobCrew
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.housekeeping import follow_queues, forget_old
from meishi.jobs.memory import give_back_memory
from meishi.jobs.rescue import Rescue
from meishi.jobs.roster import JobRoster
from meishi.jobs.runner import JobRunner
from meishi.jobs.schedules import Scheduler
from meishi.jobs.taking import running_queues
from meishi.remote.errors import RemoteCallError

#: Procrastinate tells here of every job that is deferred.
CHANNEL = "procrastinate_any_queue_v1"

#: Seconds between heartbeats, between looks at the clock for schedules, and between cleanings.
HEARTBEAT, TICK, CLEANING = 2.0, 1.0, 60.0

#: Seconds that steps in hand have to end once the process is told to stop.
GRACE = 8.0

#: Seconds to wait when the database is away: at first, and at most.
_PATIENCE, _MOST_PATIENCE = 0.2, 5.0


class JobWorker:
    """One process that runs jobs, beside any number of others."""

    def __init__(
        self,
        host: JobEnvironment,
        *,
        worker_id: UUID,
        threads: int,
        watch: CallWatch,
        predecessor: Predecessor | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._threads = threads
        self._predecessor = predecessor
        self._elapsed = elapsed
        self._notices = Notices(host.settings.log_level)
        # What is drawn spreads retries, and guards nothing.
        runner = JobRunner(host, watch, self._notices, random=random.random, elapsed=elapsed)
        self._failures = runner.failures
        self._roster = JobRoster(host, worker_id)
        self._rescue = Rescue(host, runner.failures)
        self._scheduler = Scheduler(host)
        self._bell = Bell(host, CHANNEL)
        self._ready = False
        self._crew = JobCrew(host, runner, self._notices, self._queues, self._number)
        self._next_beat = self._next_tick = self._next_cleaning = 0.0
        self._interrupted, self._interrupt = os.pipe()

    def interrupt(self) -> None:
        """Let the loop look at once whether it is to stop; from any thread."""
        os.write(self._interrupt, b"!")

    def _queues(self) -> list[str]:
        """Return the queues of plugins that are on."""
        return running_queues(self._host, self._host.settings.worker_queues)

    def _number(self) -> int | None:
        """Return the number under which threads may take jobs now, if they may."""
        return self._roster.worker if self._ready else None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, whatever happens to the database meanwhile."""
        self._crew.start(self._threads)
        patience = _PATIENCE
        while not stop.is_set():
            try:
                if not self._ready:
                    self._begin()
                self._round()
                self._listen()
                patience = _PATIENCE
            except (DBAPIError, PoolTimeout, Unavailable, psycopg.Error) as error:
                self._notices.warn("database unavailable", error=" ".join(str(error).split()))
                self._bell.close()
                self._ready = False
                stop.wait(patience)
                patience = min(_MOST_PATIENCE, patience * 2)
        self._end()

    def _begin(self) -> None:
        self._roster.sign()
        if self._predecessor is not None:
            self._rescue.inherit(self._predecessor)
            self._predecessor = None
        follow_queues(self._host)
        self._scheduler.register(self._host.clock())
        self._bell.open()
        self._next_beat = self._next_tick = 0.0
        self._ready = True
        self._crew.ring()

    def _round(self) -> None:
        """Do what is due."""
        now = self._elapsed()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT
            self._roster.sign()
            self._take_back()
            if self._rescue.stalled():
                self._crew.ring()
        if now >= self._next_tick:
            self._next_tick = now + TICK
            try:
                self._scheduler.tick(self._host.clock())
            except RemoteCallError as error:
                self._notices.warn("schedules put off", error=str(error))
        if now >= self._next_cleaning:
            self._next_cleaning = now + CLEANING
            forget_old(self._host)
            give_back_memory()

    def _take_back(self) -> None:
        """Let jobs wait that were in hand when the database went away."""
        for job in self._crew.left():
            self._failures.give_back(job)
            self._crew.settled(job)

    def _listen(self) -> None:
        """Wait until a job is deferred, or something is due."""
        due = min(self._next_beat, self._next_tick)
        heard: list[Bell | int] = [self._bell, self._interrupted]
        ready, _, _ = select.select(heard, [], [], max(0.0, due - self._elapsed()))
        if self._bell in ready:
            self._bell.drain()
            self._crew.ring()

    def _end(self) -> None:
        try:
            for job in self._crew.stop(GRACE):
                self._failures.give_back(job)
            self._roster.leave()
        except (DBAPIError, PoolTimeout, Unavailable) as error:
            self._notices.warn("jobs are rescued by others", error=" ".join(str(error).split()))
        self._bell.close()
