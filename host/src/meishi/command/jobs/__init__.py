"""`meishi jobs`: what waits for a worker, what became of it, and deciding about it."""

from __future__ import annotations

import click

from meishi.command.jobs.deciding import abandon, cancel, retry
from meishi.command.jobs.listing import list_, show
from meishi.command.jobs.queues import queues, schedules


@click.group()
def jobs() -> None:
    """Look at jobs and their queues, and act where it needs a person."""


for _command in (list_, show, retry, cancel, abandon, queues, schedules):
    jobs.add_command(_command)
