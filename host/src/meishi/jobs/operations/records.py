"""The queue as operators see it: jobs, what became of them, and why they failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from meishi.context import current_scope
from meishi.jobs.operations.errors import InvalidJobInput, JobNotFound

#: The largest page of a list.
MOST = 1000

_COLUMNS = """
    j.id, j.task_name, j.queue_name,
    CASE j.status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running'
        WHEN 'aborted' THEN 'cancelled' ELSE j.status::text END,
    j.priority, j.lock, r.workspace, r.operation,
    CASE WHEN pg_input_is_valid(j.args->>'actor', 'uuid') THEN (j.args->>'actor')::uuid END,
    CASE WHEN j.args->>'arguments' IS JSON OBJECT THEN j.args->>'arguments' ELSE j.args::text END,
    coalesce(r.attempt, 0), coalesce(r.failures, 0), j.scheduled_at, r.requested_at, r.started_at,
    r.finished_at, j.abort_requested
"""
#: What something else wrote into the queue has no run, and may carry anything.
_FROM = "meishi_jobs.procrastinate_jobs AS j LEFT JOIN meishi_jobs.run AS r ON r.job_id = j.id"

_MEANT = """
    (%(job)s::text IS NULL OR j.task_name = %(job)s)
    AND (%(queue)s::text IS NULL OR j.queue_name = %(queue)s)
    AND (%(states)s::text[] IS NULL OR j.status::text = ANY (%(states)s))
    AND (%(workspace)s::uuid IS NULL OR r.workspace = %(workspace)s)
"""

_LIST = f"""
    SELECT {_COLUMNS} FROM {_FROM} WHERE {_MEANT}
    AND (%(after)s::bigint IS NULL OR j.id < %(after)s)
    ORDER BY j.id DESC LIMIT %(limit)s::integer
"""  # noqa: S608 (constants)

_COUNT = f"SELECT count(*) FROM {_FROM} WHERE {_MEANT}"  # noqa: S608 (constants)

_FIND = f"SELECT {_COLUMNS} FROM {_FROM} WHERE j.id = %(id)s"  # noqa: S608 (constants)

_FAILURES = """
    SELECT attempt, at, error FROM meishi_jobs.failure WHERE job_id = %(id)s ORDER BY attempt
"""


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: What the queue calls each state.
QUEUE_STATES: Mapping[JobState, tuple[str, ...]] = {
    JobState.WAITING: ("todo",),
    JobState.RUNNING: ("doing",),
    JobState.SUCCEEDED: ("succeeded",),
    JobState.FAILED: ("failed",),
    JobState.CANCELLED: ("cancelled", "aborted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job in the queue; newer ones have larger numbers.

    `job` and `queue` carry the plugin's name. Jobs of one `lock` run one at a time. What a
    schedule asked for has no `operation`. `arguments` is JSON text. `attempts` have begun,
    `failures` of them have failed. It is not begun before `due_at`. What something else wrote
    into the queue has no `requested_at`, and as its `arguments` all that it carries.
    """

    id: int
    job: str
    queue: str
    state: JobState
    priority: int
    lock: str | None
    workspace: UUID | None
    operation: UUID | None
    requested_by: UUID | None
    arguments: str
    attempts: int
    failures: int
    due_at: datetime | None
    requested_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are meant; None means any."""

    job: str | None = None
    queue: str | None = None
    state: JobState | None = None
    workspace: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Jobs, the newest first; `next_after` is where the next page goes on, None on the last."""

    items: tuple[JobRecord, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """Why an attempt failed: the traceback, or what is known of the process that was lost."""

    attempt: int
    at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetails:
    """A job with its failures, the first attempt's first."""

    job: JobRecord
    failures: tuple[JobFailure, ...]


def list_jobs(wanted: JobFilter, *, limit: int = 50, after: int | None = None) -> JobPage:
    """Return a page of jobs, the newest first, from behind the job of number `after`."""
    if not 1 <= limit <= MOST:
        raise InvalidJobInput(f"A page has 1 to {MOST} jobs, not {limit}.")
    values = _meant(wanted) | {"after": after, "limit": limit + 1}
    rows = current_scope().work.execute(_LIST, values)
    items = tuple(_record(row) for row in rows[:limit])
    return JobPage(items=items, next_after=items[-1].id if len(rows) > limit else None)


def count_jobs(wanted: JobFilter) -> int:
    """Return how many jobs there are."""
    return int(current_scope().work.execute(_COUNT, _meant(wanted))[0][0])


def find_job(number: int) -> JobRecord:
    """Return one job.

    :raises JobNotFound: if there is none of that number
    """
    rows = current_scope().work.execute(_FIND, {"id": number})
    if not rows:
        raise JobNotFound(f"There is no job {number}.", hint="`meishi jobs list` shows them.")
    return _record(rows[0])


def show_job(number: int) -> JobDetails:
    """Return a job with why its attempts failed.

    :raises JobNotFound: if there is none of that number
    """
    job = find_job(number)
    rows = current_scope().work.execute(_FAILURES, {"id": number})
    failures = tuple(JobFailure(attempt=row[0], at=row[1], error=row[2]) for row in rows)
    return JobDetails(job=job, failures=failures)


def _meant(wanted: JobFilter) -> dict[str, Any]:
    states = None if wanted.state is None else list(QUEUE_STATES[JobState(wanted.state)])
    return {
        "job": wanted.job,
        "queue": wanted.queue,
        "states": states,
        "workspace": wanted.workspace,
    }


def _record(row: tuple[Any, ...]) -> JobRecord:
    """Return the record of a row; columns and fields stand in the same order."""
    values = dict(zip((field.name for field in fields(JobRecord)), row, strict=True))
    values["state"] = JobState(values["state"])
    return JobRecord(**values)
