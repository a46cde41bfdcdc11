"""Taking the next job that may run: those of plugins that are off wait."""

from __future__ import annotations

from collections.abc import Iterable

from meishi.jobs.environment import JobEnvironment
from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.queue import TakenJob, take, try_again

#: Seconds after which it is seen again whether a job's plugin is on in its workspace.
OFF = 30.0

#: Jobs that are put back in one transaction.
_MOST = 100


def running_queues(host: JobEnvironment, wanted: Iterable[str] = ()) -> list[str]:
    """Return the queues of plugins that are on in the deployment, of those that are wanted.

    Nothing is begun for one that is being moved.
    """
    return [
        name
        for name in host.jobs.queues(wanted)
        if host.is_on(plugin := name.partition(".")[0]) and not host.is_moving(plugin)
    ]


def take_running(host: JobEnvironment, queues: list[str], worker: int) -> TakenJob | None:
    """Take the next job that is due and whose plugin is on where it runs.

    :raises UnreadableJob: if the next is none of ours
    """
    with host.within(DB_SCHEMA) as scope:
        for _ in range(_MOST):
            job = take(scope.work, queues, worker)
            if job is None or _is_on(host, job):
                return job
            try_again(scope.work, job, OFF)
    return None


def _is_on(host: JobEnvironment, job: TakenJob) -> bool:
    declared = host.jobs.get(job.name)
    return declared is None or host.is_on(declared.plugin, job.workspace)
