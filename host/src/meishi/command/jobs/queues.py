"""`meishi jobs queues` and `schedules`: what waits, for how long, and what comes by itself."""

from __future__ import annotations

import click

from meishi.command.events.operating import json_option
from meishi.command.events.text import moment, printable
from meishi.command.jobs.operating import operating
from meishi.command.output import print_json, print_table

_QUEUES = ("queue", "plugin", "waiting", "due", "running", "failed", "lag")
_SCHEDULES = ("job", "cron", "runs in", "last", "next")


@click.command()
@json_option
def queues(*, as_json: bool) -> None:
    """Show how many jobs wait in each queue, and for how long."""
    from meishi.jobs.operations import job_workers_alive, list_queues

    with operating() as host:
        found = list_queues(host.jobs)
        workers = job_workers_alive()
    if as_json:
        print_json({"queues": found, "workers_alive": workers})
        return
    if found:
        print_table(
            _QUEUES,
            [
                (printable(item.queue), "active" if item.active else "not active",
                 str(item.waiting), str(item.due), str(item.running), str(item.failed),
                 f"{item.lag_seconds:.0f} s")
                for item in found
            ],
        )  # fmt: skip
    else:
        click.echo("No active plugin has jobs.")
    click.echo(f"Workers alive: {workers}.")


@click.command()
@json_option
def schedules(*, as_json: bool) -> None:
    """Show which jobs run by a schedule, and when."""
    from meishi.jobs.operations import list_schedules

    with operating() as host:
        found = list_schedules(host.jobs, host.clock())
    if as_json:
        print_json({"schedules": found})
    elif found:
        print_table(
            _SCHEDULES,
            [
                (printable(item.job), item.cron, item.scope.value, moment(item.last_tick),
                 moment(item.next_tick))
                for item in found
            ],
        )  # fmt: skip
    else:
        click.echo("No job of an active plugin has a schedule.")
