"""Operations that nobody goes on with: their jobs are gone, or have ended."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork

_WITH_JOB = """
    SELECT r.operation FROM meishi_jobs.run r
    JOIN meishi_jobs.procrastinate_jobs j ON j.id = r.job_id
    WHERE r.operation = ANY (%(ids)s) AND j.status IN ('todo', 'doing')
"""


def without_job(work: UnitOfWork, operations: Collection[UUID]) -> list[UUID]:
    """Return those operations that no job goes on with, in the order of their ids."""
    rows = work.execute(_WITH_JOB, {"ids": list(operations)})
    return sorted(set(operations) - {row[0] for row in rows})
