"""Failures: an attempt that failed is noted, and the job tried again, or given up."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from meishi.context import Actor, Scope, enter_scope
from meishi.core.operations.contract import OperationError, OperationOvertaken, Operations
from meishi.declarations import RetryPolicy
from meishi.events.backoff import Backoff
from meishi.events.notices import Notices
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.queue import JobOvertaken, TakenJob, finish, give_back, hold, try_again
from meishi.remote.errors import RemoteCallError
from meishi.sdk.contract import DomainError

#: What callers read of an error that no contract declares.
INTERNAL = OperationError(
    code="internal-error",
    title="Internal error",
    detail="The work failed; the operators of this deployment can see why.",
)

#: What they read where the service of a module was needed and did not answer.
_AWAY = ("plugin-unavailable", "Module unavailable")

_NOTE = """
    WITH counted AS (
        UPDATE meishi_jobs.run SET failures = failures + 1 WHERE job_id = %(id)s
    )
    INSERT INTO meishi_jobs.failure (job_id, attempt, error)
    VALUES (%(id)s, %(attempt)s, %(error)s) ON CONFLICT DO NOTHING
"""


class JobNotDeclared(LookupError):
    """What is queued is no job of any active plugin: trying again would not make it one."""


#: For jobs that nobody declares.
_UNDECLARED = RetryPolicy(fatal=(JobNotDeclared,))


class Fate(StrEnum):
    """What became of an attempt at a job."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    AGAIN = "again"
    CANCELLED = "cancelled"
    GIVEN_BACK = "given back"
    OVERTAKEN = "overtaken"


def job_scope(host: JobEnvironment, job: TakenJob, actor: Actor | None = None) -> Scope:
    """Return a scope in a job's workspace that continues its chain of causes."""
    return Scope(
        host=host,
        work=host.unit_of_work(job.workspace),
        actor=actor or Actor(),
        workspace_id=job.workspace,
        correlation=job.args.correlation,
        causation=job.args.causation,
    )


class Failures:
    """Decides what comes after a failure, by the retry policy of the job."""

    def __init__(self, host: JobEnvironment, notices: Notices, random: Callable[[], float]) -> None:
        self._host = host
        self._notices = notices
        self._random = random

    def note(
        self, job: TakenJob, error: str, cause: BaseException | None, seconds: float = 0.0
    ) -> Fate:
        """Write down why an attempt failed, and what follows, in one transaction."""
        declared = self._host.jobs.get(job.name)
        policy = _UNDECLARED if declared is None else declared.declared.retry
        state, wait = Backoff(policy, self._random).fate(job.failures + 1, cause)
        fate = Fate.FAILED if state == "dead" else Fate.AGAIN
        scope = job_scope(self._host, job)
        try:
            with enter_scope(scope), scope.work.entered(DB_SCHEMA):
                fate = self._settle(scope, job, fate, error, cause, wait, seconds)
        except JobOvertaken:
            return Fate.OVERTAKEN
        self._notices.warn(
            "job failed", job=job.name, job_id=job.id, attempt=job.attempt, state=fate.value,
            retry_in_seconds=round(wait, 3), error=error, workspace=job.workspace,
            correlation=job.args.correlation,
        )  # fmt: skip
        return fate

    def _settle(
        self, scope: Scope, job: TakenJob, fate: Fate, error: str, cause: BaseException | None,
        wait: float, seconds: float,
    ) -> Fate:  # fmt: skip
        stops = hold(scope.work, job) or _is_cancelled(scope, job)
        scope.work.execute(_NOTE, {"id": job.id, "attempt": job.attempt, "error": error})
        if stops:
            end_operation(scope, job, None)
            finish(scope.work, job, "aborted", seconds)
            return Fate.CANCELLED
        if fate is Fate.FAILED:
            end_operation(scope, job, told(cause))
            finish(scope.work, job, "failed", seconds)
        else:
            try_again(scope.work, job, wait)
        return fate

    def give_back(self, job: TakenJob) -> Fate:
        """Let a job wait for somebody else; nothing is counted against it."""
        scope = job_scope(self._host, job)
        try:
            with enter_scope(scope), scope.work.entered(DB_SCHEMA):
                if hold(scope.work, job):
                    end_operation(scope, job, None)
                    finish(scope.work, job, "aborted", 0.0)
                    return Fate.CANCELLED
                give_back(scope.work, job)
        except JobOvertaken:
            return Fate.OVERTAKEN
        return Fate.GIVEN_BACK

    def stop(self, job: TakenJob, seconds: float) -> Fate:
        """End a job that was asked to stop."""
        scope = job_scope(self._host, job)
        try:
            with enter_scope(scope), scope.work.entered(DB_SCHEMA):
                hold(scope.work, job)
                end_operation(scope, job, None)
                finish(scope.work, job, "aborted", seconds)
        except JobOvertaken:
            return Fate.OVERTAKEN
        return Fate.CANCELLED


def _is_cancelled(scope: Scope, job: TakenJob) -> bool:
    """Whether somebody asked that the work stops, or it has no operation left to end."""
    if job.args.operation is None:
        return False
    try:
        operations = scope.host.service(Operations)
        return operations.check(job.args.operation, attempt=job.attempt).cancel_requested
    except OperationOvertaken:
        return True


def end_operation(scope: Scope, job: TakenJob, error: OperationError | None) -> None:
    """End a job's operation: failed with an error, stopped without; one that has ended stays."""
    if job.args.operation is None:
        return
    operations = scope.host.service(Operations)
    try:
        if error is None:
            operations.stop(job.args.operation, attempt=job.attempt)
        else:
            operations.fail(job.args.operation, attempt=job.attempt, error=error)
    except OperationOvertaken:
        return


def told(cause: BaseException | None) -> OperationError:
    """Return what callers read of an error: a declared one, a service that is away, or nothing."""
    if isinstance(cause, DomainError):
        return OperationError(code=cause.code, title=cause.title, detail=cause.detail)
    if isinstance(cause, RemoteCallError):
        code, title = _AWAY
        detail = f"The service of {cause.plugin} does not answer as it should; try again later."
        return OperationError(code=code, title=title, detail=detail)
    return INTERNAL
