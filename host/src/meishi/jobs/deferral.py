"""Deferring: putting jobs into Procrastinate's queue, in the current transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from meishi.database.unit_of_work import UnitOfWork

#: Made one by one, in this order: the queue gives out the older of two first.
_DEFER = """
    SELECT meishi_jobs.procrastinate_defer_jobs_v1(array_agg(
        ROW(queue, job, priority, lock, queueing_lock, args, at)
            ::meishi_jobs.procrastinate_job_to_defer_v1 ORDER BY number))
    FROM ROWS FROM (json_to_recordset(%(jobs)s::text::json) AS (
        queue text, job text, priority integer, lock text, queueing_lock text, args jsonb,
        at timestamptz)) WITH ORDINALITY
        AS item (queue, job, priority, lock, queueing_lock, args, at, number)
"""

_REMEMBER = """
    INSERT INTO meishi_jobs.run (job_id, operation, workspace)
    SELECT id, (args->>'operation')::uuid, (args->>'workspace')::uuid
    FROM meishi_jobs.procrastinate_jobs WHERE id = ANY (%(ids)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobArguments:
    """What a queued job carries: where it came from, and its own arguments as JSON text."""

    workspace: UUID | None
    operation: UUID | None
    actor: UUID | None
    correlation: UUID
    causation: UUID | None
    arguments: str
    oversees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A job on its way into the queue."""

    queue: str
    job: str
    priority: int
    lock: str | None
    args: JobArguments
    at: datetime | None = None
    queueing_lock: str | None = None


def defer(work: UnitOfWork, jobs: Sequence[Deferred]) -> list[int]:
    """Queue jobs in their order, and return their numbers."""
    if not jobs:
        return []
    document = msgspec.json.encode([asdict(job) for job in jobs]).decode()
    ids: list[int] = work.execute(_DEFER, {"jobs": document})[0][0]
    work.execute(_REMEMBER, {"ids": ids})
    return ids
