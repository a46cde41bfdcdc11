"""`meishi events`: what is published and heard, and how its delivery goes."""

from __future__ import annotations

import click

from meishi.command.events.catalogue import catalogue


@click.group()
def events() -> None:
    """Look at events, and at their delivery."""


for _command in (catalogue,):
    events.add_command(_command)
