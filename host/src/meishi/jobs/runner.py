"""The runner: one attempt at a job, step by step, each with its effects in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from meishi.context import Actor, enter_scope, substitute_scope
from meishi.core.operations.contract import OperationOvertaken, Operations
from meishi.declarations import JobProgress, JobResult
from meishi.events.delivery import PASSING, TRIES, CallWatch, Unavailable, is_away, sqlstate
from meishi.events.notices import Notices
from meishi.events.parking import report
from meishi.jobs.book import DeclaredJob
from meishi.jobs.environment import JobEnvironment
from meishi.jobs.failures import Failures, Fate, JobNotDeclared, job_scope
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.overseers import with_oversight
from meishi.jobs.queue import JobOvertaken, TakenJob, finish, hold
from meishi.logs import logged


class WrongStep(TypeError):
    """A step returned something that says neither how far it came nor what it came to."""


class JobRunner:
    """Runs jobs that were taken; `elapsed` counts seconds, `random` draws from 0 to 1."""

    def __init__(
        self,
        host: JobEnvironment,
        watch: CallWatch,
        notices: Notices,
        *,
        random: Callable[[], float],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._watch = watch
        self._notices = notices
        self._elapsed = elapsed
        self.failures = Failures(host, notices, random)
        self._broken: dict[int, int] = {}

    def run(self, job: TakenJob, stopping: Callable[[], bool]) -> Fate:
        """Run a job until it has ended, failed, or must stop between two steps.

        :raises Unavailable: if the database is away; the job is still taken
        """
        begun = self._elapsed()
        with logged(
            job=job.name, job_id=job.id, attempt=job.attempt, workspace=job.workspace,
            correlation=job.args.correlation,
        ):  # fmt: skip
            try:
                fate = self._steps(job, stopping, begun)
            except (JobOvertaken, OperationOvertaken):
                fate = self._overtaken(job)
            except BaseException as error:  # noqa: BLE001 (whatever it is, the job has failed)
                self._excuse(job, error)
                seconds = self._elapsed() - begun
                fate = self.failures.note(job, report(error, __file__), error, seconds)
            self._broken.pop(job.id, None)
            self._notices.tell("job run", state=fate.value)
        return fate

    def _excuse(self, job: TakenJob, error: BaseException) -> None:
        """Raise `Unavailable` if the database went away, unless that happens to a job too often.

        Some work breaks its connection each time, for example as it asks for nothing too long.
        """
        if is_away(error):
            times = self._broken.get(job.id, 0) + 1
            self._broken[job.id] = times
            if times < TRIES:
                raise Unavailable(str(error)) from error

    def _overtaken(self, job: TakenJob) -> Fate:
        """End a job whose operation has ended without it."""
        fate = self.failures.stop(job, 0.0)
        return Fate.OVERTAKEN if fate is Fate.OVERTAKEN else Fate.CANCELLED

    def _steps(self, job: TakenJob, stopping: Callable[[], bool], begun: float) -> Fate:
        declared = self._host.jobs.get(job.name)
        if declared is None:
            raise JobNotDeclared(f"no active plugin declares the job {job.name}")
        arguments = job.args.arguments
        stops: bool | None = self._start(job)
        while not stops:
            if stopping():
                return self.failures.give_back(job)
            stops = self._step(job, declared, declared.decode(arguments), begun)
            if stops is None:
                return Fate.SUCCEEDED
        return self.failures.stop(job, self._elapsed() - begun)

    def _start(self, job: TakenJob) -> bool:
        """Begin the attempt; return whether it is to stop already."""
        scope = job_scope(self._host, job)
        with enter_scope(scope), scope.work.entered(DB_SCHEMA):
            stops = hold(scope.work, job)
            if job.args.operation is not None:
                started = scope.host.service(Operations).start(
                    job.args.operation, attempt=job.attempt
                )
                stops = stops or started.cancel_requested
        return stops

    def _step(
        self, job: TakenJob, declared: DeclaredJob, arguments: Mapping[str, Any], begun: float
    ) -> bool | None:
        """Run a step; return whether to stop behind it, None if it was the last.

        What the database could not bring together with others' work is tried again at once.
        """
        for number in range(TRIES):
            try:
                return self._try_step(job, declared, arguments, begun)
            except Exception as error:
                if number == TRIES - 1 or sqlstate(error) not in PASSING:
                    raise
        raise AssertionError("unreachable")

    def _try_step(
        self, job: TakenJob, declared: DeclaredJob, arguments: Mapping[str, Any], begun: float
    ) -> bool | None:
        scope = job_scope(self._host, job, Actor(user_id=job.args.actor))
        with enter_scope(scope):
            overseers = self._host.grants.overseers if job.args.oversees else {}
            with (
                substitute_scope(with_oversight(scope, declared.plugin, overseers)),
                self._watch.calling(job.label, declared.declared.limit_seconds),
                scope.work.entered(declared.plugin),
            ):
                result: object = declared.declared.run(**arguments)
            scope.work.keep()
            with scope.work.entered(DB_SCHEMA):
                stops = hold(scope.work, job)
                if isinstance(result, JobProgress):
                    return self._advance(job, result) or stops
                self._finish(job, result)
                finish(scope.work, job, "succeeded", self._elapsed() - begun)
        return None

    def _advance(self, job: TakenJob, progress: JobProgress) -> bool:
        _check_progress(progress)
        if job.args.operation is None:
            return False
        advanced = self._host.service(Operations).advance(
            job.args.operation, attempt=job.attempt,
            done=progress.done, total=progress.total, unit=progress.unit,
        )  # fmt: skip
        return advanced.cancel_requested

    def _finish(self, job: TakenJob, result: object) -> None:
        text = _result_text(result)
        if job.args.operation is not None:
            self._host.service(Operations).finish(
                job.args.operation, attempt=job.attempt, result=text
            )


def _check_progress(progress: JobProgress) -> None:
    try:
        msgspec.convert(asdict(progress), JobProgress)
    except msgspec.ValidationError as error:
        raise WrongStep(f"{progress!r}: {error}") from error
    if progress.done < 0:
        raise WrongStep(f"{progress!r} has come less far than nowhere")


def _result_text(result: object) -> str | None:
    if result is None:
        return None
    if not isinstance(result, JobResult):
        raise WrongStep(
            f"a step returns JobProgress, JobResult or None, not a {type(result).__qualname__}"
        )
    return msgspec.json.encode(dict(result.value)).decode()
