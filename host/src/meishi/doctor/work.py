"""Work that was begun and that nobody goes on with: purges, jobs, operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from meishi.core.identity.contract import Workspace
from meishi.database.shape_lock import SHAPE_LOCK
from meishi.doctor.findings import Finding, warning
from meishi.host import Host
from meishi.jobs.operations import without_job
from meishi.lifecycle.purge.dump import FOLDER, UNFINISHED

#: Seconds after which every worker that is alive has long taken over from one that is not.
LONG = 120

_NOBODY_CHANGES_THE_SHAPE = "SELECT pg_try_advisory_xact_lock(%(key)s)"

_STRANDED = f"""
    SELECT j.id, j.task_name FROM meishi_jobs.procrastinate_jobs j
    LEFT JOIN meishi_jobs.procrastinate_workers w ON w.id = j.worker_id
    WHERE j.status = 'doing'
        AND (w.id IS NULL OR w.last_heartbeat < clock_timestamp() - interval '{LONG} s')
    ORDER BY j.id
"""  # noqa: S608 (constants)

_UNFINISHED = """
    SELECT id, kind FROM meishi_operations.operation
    WHERE state IN ('waiting', 'running') ORDER BY id
"""


def purge_findings(host: Host) -> Iterator[Finding]:
    """Yield copies that a killed purge left unfinished, unless one is being made now."""
    parts = sorted((host.settings.home / FOLDER).glob(f"*{UNFINISHED}"))
    if not parts:
        return
    with host.scope() as scope:
        ((idle,),) = scope.work.execute(_NOBODY_CHANGES_THE_SHAPE, {"key": SHAPE_LOCK})
    for part in parts if idle else ():
        name = part.name.rpartition(".dump-")[0].rpartition("-")[0]
        message = f"A purge of {name} was interrupted; {part} is of no use."
        again = f"meishi plugins purge {name}; " if name in host.plugins.statuses else ""
        yield warning("interrupted-purge", name, message, f"{again}rm {part}")


def job_findings(host: Host) -> Iterator[Finding]:
    """Yield jobs whose worker is gone, and which no other has taken over."""
    with host.within("meishi_jobs") as scope:
        stranded = scope.work.execute(_STRANDED)
    for number, job in stranded:
        message = f"The worker of job {number} ({job}) is gone, and no other has taken over."
        yield warning("stranded-job", job.partition(".")[0], message, "meishi worker")


def operation_findings(host: Host, workspaces: Sequence[Workspace]) -> Iterator[Finding]:
    """Yield operations that wait or run, and have no job that would go on with them."""
    for workspace in workspaces:
        with host.scope(workspace=workspace.id, plugin="meishi_operations") as scope:
            kinds: dict[UUID, str] = dict(scope.work.execute(_UNFINISHED))
        if not kinds:
            continue
        with host.within("meishi_jobs") as scope:
            stranded = without_job(scope.work, kinds)
        for operation in stranded:
            kind = kinds[operation]
            message = f"The operation {operation} ({kind}) of {workspace.slug} has no job any more."
            command = f"meishi jobs abandon {operation} --workspace {workspace.slug}"
            yield warning("stranded-operation", kind.partition(".")[0], message, command)
