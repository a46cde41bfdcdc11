"""`meishi events replay`: deliver old events once more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from meishi.command.events.operating import json_option, operating, reason_option, verdict
from meishi.command.events.text import counted, moment
from meishi.command.output import print_json
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.events.operations.replays import Replays
    from meishi.host import Host


@click.command()
@click.argument("subscription")
@click.option("--from", "since", metavar="TIME", help="Since then: 2026-11-27T20:00:00Z.")
@click.option("--from-start", is_flag=True, help="All that the log holds.")
@reason_option
@json_option
def replay(
    *, subscription: str, since: str | None, from_start: bool, reason: str, as_json: bool
) -> None:
    """Deliver to SUBSCRIPTION once more what it has had, as its plugin declares it."""
    if (since is None) is not from_start:
        raise OperatorError("Since when?", hint="Either --from TIME or --from-start.")
    moment_asked = None if since is None else _time(since)
    with operating() as host:
        done = _replays(host).replay(subscription, moment_asked, verdict(reason))
    if as_json:
        print_json(done)
        return
    emptied = f" Its tables were emptied in {counted(done.reset, 'place')}." if done.reset else ""
    click.echo(f"{subscription} gets everything since {moment(done.since)} again.{emptied}")


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(
            f"{text!r} is no time.", hint="Write it as in 2026-11-27T20:00:00Z."
        ) from error


def _replays(host: Host) -> Replays:
    from meishi.events.operations.replays import Replays
    from meishi.lifecycle.manifest import PluginScope

    of_deployment = {
        item.plugin
        for item in host.plugins.active()
        if item.manifest.scope is PluginScope.DEPLOYMENT
    }
    return Replays(host.subscribers(), of_deployment)
