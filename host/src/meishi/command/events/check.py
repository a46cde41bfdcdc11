"""`meishi events check`: whether anything needs a person; for cron and monitoring."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.operating import json_option, operating
from meishi.command.output import print_json
from meishi.events.operations.limits import MAX_LAG_SECONDS


@click.command()
@click.option(
    "--max-lag",
    type=click.FloatRange(min=0),
    default=MAX_LAG_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How far behind a subscription may be.",
)
@json_option
@click.pass_context
def check(context: click.Context, *, max_lag: float, as_json: bool) -> None:
    """Say what needs a person, a line for each thing; exit code 1 if there is any."""
    from meishi.events.operations.alarms import Limits, alarms

    settings = current_deployment().settings
    limits = Limits(
        retention_days=settings.events_retention_days,
        cap_days=settings.events_retention_cap_days,
        max_lag_seconds=max_lag,
    )
    with operating() as host:
        found = alarms(host.statuses(), limits)
    if as_json:
        print_json({"alarms": found})
    else:
        for alarm in found:
            click.echo(f"{alarm.kind.value}: {alarm.message}")
        if not found:
            click.echo("Nothing needs a person.")
    context.exit(1 if found else 0)
