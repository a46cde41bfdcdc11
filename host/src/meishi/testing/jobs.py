"""Jobs in tests: what was asked for is run at once, by the code that a worker runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from meishi.host import Host
    from meishi.jobs.queue import TakenJob
    from meishi.jobs.roster import JobRoster
    from meishi.jobs.runner import JobRunner
    from meishi.testing.events import EventDeliveries

#: Jobs after which they are taken to ask for each other for ever.
_MOST = 1000


class JobFault(AssertionError):
    """A job failed; the text is what an operator would read of it."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One attempt at a job, in the order in which they were made.

    `job` carries the plugin's name. `fate` is `succeeded`, `failed` for good, `again` if the job
    was to be tried again, `cancelled`, `overtaken`, or `given back` if it lost its connection to
    the database. `error` is empty unless it failed.
    """

    job: str
    workspace: UUID | None
    operation: UUID | None
    attempt: int
    fate: str
    error: str


class JobRuns:
    """Runs jobs in the test's own thread, those of `services` beside the host as well."""

    def __init__(self, host: Host, deliver: EventDeliveries, *services: Host) -> None:
        self._hosts = (host, *services)
        self._deliver = deliver

    def __call__(self, *, at: datetime | None = None, failures: bool = False) -> list[JobRun]:
        """Deliver events and run jobs until nothing is due; return the attempts.

        With `at` the schedules run whose time is that very minute. A job that fails fails the test
        (`JobFault`), unless `failures` are expected: then it is tried again at once, until its
        attempts are used up. Jobs that were asked for at a later time go on waiting.
        """
        if at is not None:
            for host in self._hosts:
                self._tick(host, at)
        runs: list[JobRun] = []
        self._deliver(failures=failures)
        while True:
            found = [run for host in self._hosts for run in self._drain(host, failures)]
            if not found:
                return runs
            runs += found
            if len(runs) > _MOST:
                raise JobFault(f"jobs have asked for each other {_MOST} times")
            self._deliver.news(failures=failures)

    def _tick(self, host: Host, at: datetime) -> None:
        from meishi.jobs.schedules import Scheduler

        minute = at.replace(second=0, microsecond=0)
        scheduler = Scheduler(host)
        scheduler.register(minute)
        scheduler.set_back(minute - timedelta(minutes=1))
        scheduler.tick(minute)

    def _drain(self, host: Host, failures: bool) -> list[JobRun]:
        from meishi.events.notices import Notices
        from meishi.jobs.roster import JobRoster
        from meishi.jobs.runner import JobRunner
        from meishi.testing.events import UnwatchedCalls

        roster = JobRoster(host, host.new_id())
        roster.sign()
        notices = Notices(host.settings.log_level)
        runner = JobRunner(host, UnwatchedCalls(), notices, random=lambda: 0.0)
        runs: list[JobRun] = []
        try:
            while len(runs) <= _MOST and (job := self._take(host, roster)) is not None:
                runs.append(self._run(host, runner, job, failures))
        finally:
            roster.leave()
        return runs

    def _take(self, host: Host, roster: JobRoster) -> TakenJob | None:
        from meishi.jobs.taking import running_queues, take_running

        assert roster.worker is not None
        return take_running(host, running_queues(host), roster.worker)

    def _run(self, host: Host, runner: JobRunner, job: TakenJob, failures: bool) -> JobRun:
        from meishi.events.delivery import Unavailable
        from meishi.jobs.models import DB_SCHEMA

        try:
            fate = runner.run(job, lambda: False)
        except Unavailable:
            fate = runner.failures.give_back(job)
        query = "SELECT error FROM meishi_jobs.failure WHERE job_id = %(id)s AND attempt = %(no)s"
        with host.within(DB_SCHEMA) as scope:
            rows = scope.work.execute(query, {"id": job.id, "no": job.attempt})
        error = rows[0][0] if rows else ""
        if error and not failures:
            raise JobFault(f"{job.name} failed:\n{error}")
        return JobRun(job.name, job.workspace, job.args.operation, job.attempt, fate.value, error)
