"""`meishi health`: what every module says of what it depends on."""

from __future__ import annotations

from dataclasses import asdict

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.operating import json_option
from meishi.command.events.text import printable
from meishi.command.output import print_json, print_table
from meishi.declarations import HealthStatus

_HEADERS = ("plugin", "check", "status", "ms", "message")


@click.command()
@json_option
@click.pass_context
def health(context: click.Context, *, as_json: bool) -> None:
    """Ask every plugin how it is; the exit code is 1 if anything is failing."""
    found = current_deployment().host().health.summary()
    if as_json:
        print_json(asdict(found))
    elif found.checks:
        print_table(
            _HEADERS,
            [
                (item.plugin, item.name, item.status.value, str(item.milliseconds),
                 printable(item.message))
                for item in found.checks
            ],
        )  # fmt: skip
    else:
        click.echo("All plugins are well; none has checks.")
    if found.status is HealthStatus.FAILING:
        context.exit(1)
