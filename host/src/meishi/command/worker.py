"""`meishi worker`: events and jobs, in processes that may be killed, and are then replaced.

This process is the supervisor. It runs no code of any plugin and never asks the database, so
nothing that happens to its children happens to it; they die with it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from types import FrameType

import click

from meishi.command.crew import Crew, recruited
from meishi.command.deployment import current_deployment
from meishi.command.interruption import heed
from meishi.command.keeping import LOOK_AFTER, look_after
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError

#: Seconds between two looks at the processes.
_LOOK = 0.2


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), help="Processes; default: the setting.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads each; default: the setting.")
@click.option("--jobs", type=click.IntRange(0, 64), help="Jobs at a time; default: the setting.")
@click.pass_context
def worker(
    context: click.Context, *, processes: int | None, threads: int | None, jobs: int | None
) -> None:
    """Deliver events to the handlers of plugins, and run their jobs, until stopped."""
    signals = _Signals()
    heed(signals.hear)
    deployment = current_deployment()
    settings = deployment.settings
    crew = recruited(
        deployment.environment(),
        processes=processes or settings.worker_processes,
        threads=threads or settings.worker_threads,
        jobs=settings.worker_jobs if jobs is None else jobs,
        level=settings.log_level,
    )
    database = EmbeddedPostgres(settings.home) if settings.embedded else None
    context.exit(_supervise(crew, database, signals))


class _Signals:
    """Counts the signals that ask for the end."""

    def __init__(self) -> None:
        self.count = 0

    def hear(self, _signal: int, _frame: FrameType | None) -> None:
        """Note a signal: the first asks for the end, the second for a quick one."""
        self.count += 1


def _supervise(crew: Crew, database: EmbeddedPostgres | None, signals: _Signals) -> int:
    """Keep processes and database alive until a signal comes; return the exit code."""
    looked = time.monotonic()
    if not signals.count:
        crew.look()
        if database is not None:
            # Started here while the first process is still loading, which reports what is wrong.
            with suppress(OperatorError):
                database.start()
    while not signals.count and crew.refused is None:
        time.sleep(_LOOK)
        crew.look()
        if database is not None and time.monotonic() - looked >= LOOK_AFTER:
            looked = time.monotonic()
            look_after(database)
    crew.end(lambda: signals.count > 1)
    if database is not None:
        database.stop()
    return crew.refused or 0
