"""Queues and schedules as operators see them: what waits, for how long, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meishi.context import current_scope
from meishi.declarations import JobScope
from meishi.jobs.book import JobBook
from meishi.jobs.cron import last_tick, next_tick

_QUEUES = """
    SELECT queue_name, count(*) FILTER (WHERE status = 'todo'),
        count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
        count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed'),
        coalesce(extract(epoch FROM clock_timestamp() - min(greatest(scheduled_at, requested_at))
            FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now())), 0)::float8
    FROM meishi_jobs.procrastinate_jobs LEFT JOIN meishi_jobs.run ON job_id = id
    GROUP BY queue_name
"""

_WORKERS = """
    SELECT count(*) FROM meishi_jobs.procrastinate_workers
    WHERE last_heartbeat > clock_timestamp() - interval '15 s'
"""

_SCHEDULES = "SELECT job, cron, last_tick FROM meishi_jobs.schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """One queue: how many jobs wait (`due` of them could run now), run, and have failed.

    `lag_seconds` is how long the oldest of those that could run has been waiting. A queue that is
    not `active` belongs to no active plugin: its jobs wait until the plugin is back.
    """

    queue: str
    active: bool
    waiting: int
    due: int
    running: int
    failed: int
    lag_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStatus:
    """One schedule: `last_tick` is the last one that was acted on, None if there was none yet."""

    job: str
    cron: str
    scope: JobScope
    last_tick: datetime | None
    next_tick: datetime


def list_queues(book: JobBook) -> tuple[QueueStatus, ...]:
    """Return the queues of active plugins, and those in which jobs are left, by their names."""
    found = {row[0]: row[1:] for row in current_scope().work.execute(_QUEUES)}
    active = set(book.queues())
    queues = []
    for name in sorted({*found, *active}):
        waiting, due, running, failed, lag = found.get(name, (0, 0, 0, 0, 0.0))
        queues.append(
            QueueStatus(
                queue=name, active=name in active, waiting=waiting, due=due, running=running,
                failed=failed, lag_seconds=max(0.0, lag),
            )
        )  # fmt: skip
    return tuple(queues)


def job_workers_alive() -> int:
    """Return how many processes of the deployment that run jobs have been heard of lately."""
    return int(current_scope().work.execute(_WORKERS)[0][0])


def list_schedules(book: JobBook, now: datetime) -> tuple[ScheduleStatus, ...]:
    """Return the schedules of active plugins, by the names of their jobs."""
    known = {row[0]: row[1:] for row in current_scope().work.execute(_SCHEDULES)}
    found = []
    for job in sorted(book.scheduled(), key=lambda item: item.name):
        cron = str(job.declared.schedule)
        known_cron, last = known.get(job.name, (cron, None))
        found.append(
            ScheduleStatus(
                job=job.name, cron=cron, scope=job.declared.scope,
                last_tick=last if known_cron == cron and _is_tick(cron, last) else None,
                next_tick=next_tick(cron, now),
            )
        )  # fmt: skip
    return tuple(found)


def _is_tick(cron: str, moment: datetime | None) -> bool:
    """Whether a schedule has come then; else it is when the schedule became known."""
    return moment is not None and last_tick(cron, moment) == moment
