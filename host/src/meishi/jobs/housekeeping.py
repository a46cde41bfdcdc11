"""Housekeeping of the queue: old jobs go, and waiting ones follow when their queue is renamed."""

from __future__ import annotations

from meishi.jobs.environment import JobEnvironment
from meishi.jobs.models import DB_SCHEMA

#: Jobs that are deleted at a time.
_TOGETHER = 1000

_FORGET = f"""
    DELETE FROM meishi_jobs.procrastinate_jobs WHERE id IN (
        SELECT job_id FROM meishi_jobs.run
        WHERE finished_at < clock_timestamp() - make_interval(days => %(days)s)
        ORDER BY finished_at LIMIT {_TOGETHER})
"""  # noqa: S608 (constants)

_MOVE = """
    UPDATE meishi_jobs.procrastinate_jobs SET queue_name = %(queue)s
    WHERE task_name = %(job)s AND queue_name <> %(queue)s AND status = 'todo'
"""


def forget_old(host: JobEnvironment) -> None:
    """Delete some of the jobs that ended longer ago than they are kept."""
    with host.within(DB_SCHEMA) as scope:
        scope.work.execute(_FORGET, {"days": host.settings.jobs_retention_days})


def follow_queues(host: JobEnvironment) -> None:
    """Let jobs wait in the queues that their declarations name now."""
    with host.within(DB_SCHEMA) as scope:
        for job in host.jobs:
            scope.work.execute(_MOVE, {"job": job.name, "queue": job.queue})
