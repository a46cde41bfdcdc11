"""Schedules: each tick is acted on once, whatever the number of workers.

Of ticks that passed while nothing ran, only the newest is acted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from meishi.context import Scope
from meishi.jobs.book import DeclaredJob, is_fanned_out
from meishi.jobs.cron import last_tick
from meishi.jobs.deferral import Deferred, JobArguments, defer
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.models import DB_SCHEMA

NO_ARGUMENTS = "{}"

#: One that is new, or has other times now, begins here: what was before is no tick of it.
_REGISTER = """
    INSERT INTO meishi_jobs.schedule AS known (job, cron, last_tick)
    VALUES (%(job)s, %(cron)s, %(now)s)
    ON CONFLICT (job) DO UPDATE SET cron = excluded.cron, last_tick = excluded.last_tick
    WHERE known.cron <> excluded.cron
"""

#: Who moves it acts on it; others wait for that, and find it moved.
_MOVE = """
    UPDATE meishi_jobs.schedule SET last_tick = %(tick)s
    WHERE job = %(job)s AND last_tick < %(tick)s RETURNING job
"""

_WAITING = """
    SELECT r.workspace FROM meishi_jobs.procrastinate_jobs AS j
    JOIN meishi_jobs.run AS r ON r.job_id = j.id
    WHERE j.task_name = %(job)s AND j.status = 'todo' AND j.queueing_lock IS NOT NULL
"""


class Scheduler:
    """Defers the jobs that have a schedule, when it is time."""

    def __init__(self, host: JobEnvironment) -> None:
        self._host = host
        self._seen: dict[str, datetime] = {}

    def register(self, now: datetime) -> None:
        """Make schedules known; the ticks of a new one begin after `now`."""
        with self._host.within(DB_SCHEMA) as scope:
            for job in self._host.jobs.scheduled():
                values = {"job": job.name, "cron": job.declared.schedule, "now": now}
                scope.work.execute(_REGISTER, values)
        self._seen.clear()

    def set_back(self, before: datetime) -> None:
        """Let all ticks after a moment come, once more if they have come already."""
        with self._host.within(DB_SCHEMA) as scope:
            scope.work.execute(
                "UPDATE meishi_jobs.schedule SET last_tick = %(before)s", {"before": before}
            )
        self._seen.clear()

    def tick(self, now: datetime) -> int:
        """Act on the ticks that have come; return how many jobs that made."""
        made = 0
        for job in self._host.jobs.scheduled():
            if not self._host.is_on(job.plugin):
                continue
            found = last_tick(str(job.declared.schedule), now)
            if self._seen.get(job.name) != found:
                made += self._act(job, found)
                self._seen[job.name] = found
        return made

    def _act(self, job: DeclaredJob, tick: datetime) -> int:
        places: Sequence[UUID | None] = self._host.workspace_ids() if is_fanned_out(job) else [None]
        with self._host.within(DB_SCHEMA) as scope:
            if not scope.work.execute(_MOVE, {"job": job.name, "tick": tick}):
                return 0
            waiting = {row[0] for row in scope.work.execute(_WAITING, {"job": job.name})}
            jobs = [
                _deferred(scope, job, place)
                for place in places
                if place not in waiting and self._host.is_on(job.plugin, place)
            ]
            defer(scope.work, jobs)
            return len(jobs)


def _deferred(scope: Scope, job: DeclaredJob, workspace: UUID | None) -> Deferred:
    """Return a job that a tick asks for; it waits once at most, and overlaps with no other."""
    lock = job.lock(workspace, NO_ARGUMENTS)
    return Deferred(
        queue=job.queue,
        job=job.name,
        priority=job.declared.priority,
        lock=lock,
        queueing_lock=lock,
        args=JobArguments(
            workspace=workspace,
            operation=None,
            actor=None,
            correlation=scope.correlation,
            causation=None,
            arguments=NO_ARGUMENTS,
        ),
    )
