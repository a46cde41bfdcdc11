"""The queue: who takes a job, who has a say in it, and what becomes of it.

Each change of a job's state is one or two statements in the transaction of what they speak of: a
job is done when its effects are, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from meishi.database.unit_of_work import UnitOfWork
from meishi.jobs.deferral import JobArguments


class JobOvertaken(Exception):
    """Somebody else has the job now, or it has ended: whoever was at it has no say any more."""


class UnreadableJob(Exception):
    """Something else wrote the job into the queue: it cannot be run, only cancelled."""

    def __init__(self, number: int, reason: object) -> None:
        super().__init__(
            f"the job {number} cannot be read ({reason}): `meishi jobs cancel {number}`"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenJob:
    """A job that a worker has taken; with `attempt` it shows that it is still its.

    `failures` is how many attempts have failed before.
    """

    id: int
    name: str
    worker: int | None
    attempt: int
    failures: int
    args: JobArguments

    @property
    def label(self) -> str:
        """What the watch over calls knows the job by."""
        return f"{self.name} #{self.id}"

    @property
    def workspace(self) -> UUID | None:
        """Where it runs."""
        return self.args.workspace


_TAKE = """
    SELECT id, task_name, args::text FROM meishi_jobs.procrastinate_fetch_job_v2(
        %(queues)s::varchar[], %(worker)s::bigint)
    WHERE id IS NOT NULL
"""

#: What was tried before counts, whoever tried it: a number is given out once.
_BEGIN = """
    UPDATE meishi_jobs.run SET attempt = attempt + 1,
        started_at = coalesce(started_at, clock_timestamp())
    WHERE job_id = %(id)s RETURNING attempt, failures
"""

_HOLD = """
    SELECT j.abort_requested, r.failures
    FROM meishi_jobs.procrastinate_jobs AS j JOIN meishi_jobs.run AS r ON r.job_id = j.id
    WHERE j.id = %(id)s AND j.status = 'doing' AND j.worker_id IS NOT DISTINCT FROM %(worker)s
        AND r.attempt = %(attempt)s
    FOR NO KEY UPDATE
"""

_FINISH = "SELECT meishi_jobs.procrastinate_finish_job_v1(%(id)s, %(state)s, false)"

_NOTE_END = """
    WITH ended AS (
        UPDATE meishi_jobs.run SET finished_at = clock_timestamp() WHERE job_id = %(id)s
    )
    INSERT INTO meishi_jobs.outcome (job, state, runs, seconds)
    VALUES (%(job)s, %(state)s, 1, %(seconds)s)
    ON CONFLICT (job, state) DO UPDATE SET runs = outcome.runs + 1,
        seconds = outcome.seconds + excluded.seconds
"""

_AGAIN = """
    SELECT meishi_jobs.procrastinate_retry_job_v2(
        %(id)s, clock_timestamp() + make_interval(secs => %(seconds)s), NULL, NULL, NULL)
"""

_GIVE_BACK = """
    UPDATE meishi_jobs.procrastinate_jobs SET status = 'todo', worker_id = NULL
    WHERE id = %(id)s
"""

#: What is running under a worker that is gone, or was not heard of for too long.
STRANDED = """
    SELECT j.id, j.task_name, j.args::text, j.worker_id, r.attempt, r.failures
    FROM meishi_jobs.procrastinate_jobs AS j JOIN meishi_jobs.run AS r ON r.job_id = j.id
    WHERE j.status = 'doing'
"""


def take(work: UnitOfWork, queues: Sequence[str], worker: int) -> TakenJob | None:
    """Take the next job that is due, if there is one; it has begun with that.

    :raises UnreadableJob: if it is none of ours
    """
    rows = work.execute(_TAKE, {"queues": list(queues), "worker": worker})
    if not rows:
        return None
    number, name, args = rows[0]
    begun = work.execute(_BEGIN, {"id": number})
    if not begun:
        raise UnreadableJob(number, "nobody asked for it")
    attempt, failures = begun[0]
    try:
        carried = _arguments(args)
    except msgspec.MsgspecError as error:
        raise UnreadableJob(number, error) from error
    return TakenJob(
        id=number, name=name, worker=worker, attempt=attempt, failures=failures, args=carried
    )


def stranded_job(row: tuple[Any, ...]) -> TakenJob:
    """Return the job of a row of `STRANDED`."""
    number, name, args, worker, attempt, failures = row
    return TakenJob(
        id=number, name=name, worker=worker, attempt=attempt, failures=failures,
        args=_arguments(args),
    )  # fmt: skip


def _arguments(text: str) -> JobArguments:
    return msgspec.json.decode(text, type=JobArguments)


def hold(work: UnitOfWork, job: TakenJob) -> bool:
    """Lock a job until the transaction ends; return whether it is asked to stop.

    :raises JobOvertaken: if it is somebody else's now
    """
    values = {"id": job.id, "worker": job.worker, "attempt": job.attempt}
    rows = work.execute(_HOLD, values)
    if not rows:
        raise JobOvertaken(f"attempt {job.attempt} of {job.label} was overtaken")
    return bool(rows[0][0])


def finish(work: UnitOfWork, job: TakenJob, state: str, seconds: float) -> None:
    """End a held job as `succeeded`, `failed` or `aborted`; its last attempt took so long."""
    work.execute(_FINISH, {"id": job.id, "state": state})
    work.execute(_NOTE_END, {"id": job.id, "job": job.name, "state": state, "seconds": seconds})


def try_again(work: UnitOfWork, job: TakenJob, seconds: float) -> None:
    """Let a held job wait, and run again after some seconds."""
    work.execute(_AGAIN, {"id": job.id, "seconds": seconds})


def give_back(work: UnitOfWork, job: TakenJob) -> None:
    """Let a held job wait for whoever takes it next, as if it had not been taken."""
    work.execute(_GIVE_BACK, {"id": job.id})
