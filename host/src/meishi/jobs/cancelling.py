"""Cancelling: a job that waits leaves the queue, one that runs is asked to stop."""

from __future__ import annotations

from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork

_CANCEL = "SELECT meishi_jobs.procrastinate_cancel_job_v1(%(id)s, true, false)"

_NOTE = """
    UPDATE meishi_jobs.run SET finished_at = coalesce(finished_at, clock_timestamp())
    FROM meishi_jobs.procrastinate_jobs AS j
    WHERE job_id = %(id)s AND j.id = job_id AND j.status = 'cancelled'
    RETURNING job_id
"""

_OF_OPERATION = "SELECT job_id FROM meishi_jobs.run WHERE operation = %(operation)s"


def job_of(work: UnitOfWork, operation: UUID) -> int | None:
    """Return the number of the job that an operation stands for, if it was deferred."""
    rows = work.execute(_OF_OPERATION, {"operation": operation})
    return rows[0][0] if rows else None


def take_out(work: UnitOfWork, number: int) -> bool:
    """Have a job stop; return whether it was waiting, and so has been cancelled already."""
    work.execute(_CANCEL, {"id": number})
    return bool(work.execute(_NOTE, {"id": number}))
