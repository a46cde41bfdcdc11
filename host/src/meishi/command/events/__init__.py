"""`meishi events`: what is published and heard, and how its delivery goes."""

from __future__ import annotations

import click

from meishi.command.events.catalogue import catalogue
from meishi.command.events.check import check
from meishi.command.events.decisions import decisions
from meishi.command.events.discard import discard
from meishi.command.events.follow import follow
from meishi.command.events.parked import parked, show
from meishi.command.events.pausing import pause, resume
from meishi.command.events.replay import replay
from meishi.command.events.retry import retry, skip
from meishi.command.events.status import status


@click.group()
def events() -> None:
    """Look at events and their delivery, and act where it needs a person."""


for _command in (
    catalogue,
    status,
    parked,
    show,
    retry,
    skip,
    discard,
    pause,
    resume,
    replay,
    follow,
    decisions,
    check,
):
    events.add_command(_command)
