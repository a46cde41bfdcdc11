"""Rescue: jobs whose worker is gone are tried by others, and given up if that happens often."""

from __future__ import annotations

from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork
from meishi.events.blame import Predecessor
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.failures import Failures
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.queue import STRANDED, TakenJob, stranded_job

#: Seconds after which a worker that was not heard of counts as gone, by the database's clock.
STALE = 15

_LOST = f"The worker that ran it was not heard of for {STALE} s."

_STALLED = f"""
    {STRANDED} AND NOT EXISTS (
        SELECT FROM meishi_jobs.procrastinate_workers AS w WHERE w.id = j.worker_id
            AND w.last_heartbeat > clock_timestamp() - interval '{STALE} s')
"""

_OF_WORKER = f"{STRANDED} AND j.worker_id = %(worker)s"

_WORKER_OF = "SELECT worker_id FROM meishi_jobs.process WHERE id = %(id)s"

_BURY = f"""
    DELETE FROM meishi_jobs.procrastinate_workers AS w
    WHERE last_heartbeat < clock_timestamp() - interval '{STALE} s' AND NOT EXISTS (
        SELECT FROM meishi_jobs.procrastinate_jobs WHERE worker_id = w.id AND status = 'doing')
"""  # noqa: S608 (constants)


class Rescue:
    """Takes jobs from workers that are gone."""

    def __init__(self, host: JobEnvironment, failures: Failures) -> None:
        self._host = host
        self._failures = failures

    def stalled(self) -> int:
        """Note the attempts of workers that are not heard of as failed; return how many."""
        with self._host.within(DB_SCHEMA) as scope:
            jobs = [stranded_job(row) for row in scope.work.execute(_STALLED)]
            if not jobs:
                scope.work.execute(_BURY)
        for job in jobs:
            self._failures.note(job, _LOST, None)
        return len(jobs)

    def inherit(self, predecessor: Predecessor) -> None:
        """Take over from a process that died here: nobody else can know so soon.

        The job that is known to be to blame has failed, and the others are free again; where
        nobody is known, each may have been it.
        """
        with self._host.within(DB_SCHEMA) as scope:
            worker = _worker_of(scope.work, predecessor.id)
            jobs = _jobs_of(scope.work, worker)
        for job in jobs:
            if predecessor.guilty in (None, job.label):
                self._failures.note(job, predecessor.error, None)
            else:
                self._failures.give_back(job)


def _worker_of(work: UnitOfWork, process: UUID) -> int | None:
    rows = work.execute(_WORKER_OF, {"id": process})
    return rows[0][0] if rows else None


def _jobs_of(work: UnitOfWork, worker: int | None) -> list[TakenJob]:
    return [stranded_job(row) for row in work.execute(_OF_WORKER, {"worker": worker})]
