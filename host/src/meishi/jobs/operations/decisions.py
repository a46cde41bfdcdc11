"""What operators do to a job: let it run now, or not at all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from meishi.context import Actor, Scope, current_scope, substitute_scope
from meishi.core.operations.contract import OperationEnded, OperationNotFound, Operations
from meishi.jobs.cancelling import take_out
from meishi.jobs.deferral import Deferred, JobArguments, defer
from meishi.jobs.environment import in_workspace
from meishi.jobs.operations.errors import WrongJobState
from meishi.jobs.operations.records import JobRecord, JobState, find_job

_LOCK = "SELECT id FROM meishi_jobs.procrastinate_jobs WHERE id = %(id)s FOR NO KEY UPDATE"

_NOW = "UPDATE meishi_jobs.procrastinate_jobs SET scheduled_at = NULL WHERE id = %(id)s"

_REVIVE = """
    WITH revived AS (
        UPDATE meishi_jobs.run SET failures = 0, finished_at = NULL WHERE job_id = %(id)s
    )
    SELECT meishi_jobs.procrastinate_retry_job_v2(%(id)s, NULL, NULL, NULL, NULL)
"""

_CAUSES = """
    SELECT args->>'correlation', args->>'causation', coalesce(args->>'oversees', 'true') = 'true'
    FROM meishi_jobs.procrastinate_jobs
    WHERE id = %(id)s
"""


def retry_job(number: int) -> JobRecord:
    """Let a job run as soon as somebody is free: one that waits for its time, or that failed.

    One that failed for good, and so has ended its operation, is asked for anew: what is returned
    is another job, with another operation.

    :raises JobNotFound: if there is none of that number
    :raises WrongJobState: if it runs, or was done or cancelled
    """
    scope = current_scope()
    job = _locked(scope, number)
    if job.state is JobState.WAITING:
        scope.work.execute(_NOW, {"id": number})
    elif job.state is not JobState.FAILED:
        raise WrongJobState(
            f"The job {number} cannot be tried again: {job.state.value}.",
            hint="What waits or has failed can be tried again.",
        )
    elif job.operation is None:
        scope.work.execute(_REVIVE, {"id": number})
    else:
        number = _ask_anew(scope, job)
    return find_job(number)


def cancel_job(number: int) -> JobRecord:
    """Take back a job that waits, or have one that runs stop between two of its steps.

    :raises JobNotFound: if there is none of that number
    :raises WrongJobState: if it has ended
    """
    scope = current_scope()
    job = find_job(number)
    if job.state not in (JobState.WAITING, JobState.RUNNING):
        raise WrongJobState(f"The job {number} has ended already: {job.state.value}.")
    # In this order, as where a step ends: the job first, then its operation.
    take_out(scope.work, number)
    if job.operation is not None:
        # One that has ended, or is gone, is no reason to go on.
        with suppress(OperationEnded, OperationNotFound), in_workspace(job.workspace) as inside:
            inside.host.service(Operations).cancel(job.operation)
    return find_job(number)


def _locked(scope: Scope, number: int) -> JobRecord:
    scope.work.execute(_LOCK, {"id": number})
    return find_job(number)


def _subject(operations: Operations, job: JobRecord) -> str | None:
    """Return what the operation of a job was about, None if it is not known any more."""
    assert job.operation is not None
    try:
        return operations.get(job.operation).subject
    except OperationNotFound:
        return None


def _ask_anew(scope: Scope, job: JobRecord) -> int:
    """Begin another operation for what a job was to do, and queue another job for it."""
    correlation, causation, oversees = scope.work.execute(_CAUSES, {"id": job.id})[0]
    ((operation,),) = scope.work.execute("SELECT uuidv7()")
    with (
        in_workspace(job.workspace) as inside,
        substitute_scope(replace(inside, actor=Actor(user_id=job.requested_by))) as asking,
    ):
        operations = asking.host.service(Operations)
        operations.begin(operation, kind=job.job, subject=_subject(operations, job))
    args = JobArguments(
        workspace=job.workspace,
        operation=operation,
        actor=job.requested_by,
        correlation=correlation,
        causation=causation,
        arguments=job.arguments,
        oversees=oversees,
    )
    deferred = Deferred(
        queue=job.queue, job=job.job, priority=job.priority, lock=job.lock, args=args
    )
    return defer(scope.work, [deferred])[0]
