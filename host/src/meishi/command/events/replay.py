"""`meishi events replay`: deliver old events once more."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import click

from meishi.command.events.operating import json_option, operating, reason_option, verdict
from meishi.command.events.text import counted, moment
from meishi.command.output import print_json
from meishi.errors import OperatorError


@click.command()
@click.argument("subscription")
@click.option("--from", "since", metavar="TIME", help="Since then: 2026-11-27T20:00:00Z.")
@click.option("--from-start", is_flag=True, help="All that the log holds.")
@click.option("--dry-run", is_flag=True, help="Do it all, and undo it: nothing is changed.")
@reason_option
@json_option
def replay(
    *,
    subscription: str,
    since: str | None,
    from_start: bool,
    dry_run: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Deliver to SUBSCRIPTION once more what it has had, as its plugin declares it."""
    if (since is None) is not from_start:
        raise OperatorError("Since when?", hint="Either --from TIME or --from-start.")
    moment_asked = None if since is None else _time(since)
    from meishi.events.operations.rehearsals import rehearse, replays_of

    with operating() as host:
        replays = replays_of(host.plugins.active(), host.subscribers())
        run = partial(rehearse, replays) if dry_run else replays.replay
        done = run(subscription, moment_asked, verdict(reason))
    if as_json:
        print_json(done)
        return
    gets, were = ("would get", "would be") if dry_run else ("gets", "were")
    emptied = f" Its tables {were} emptied in {counted(done.reset, 'place')}." if done.reset else ""
    click.echo(f"{subscription} {gets} everything since {moment(done.since)} again.{emptied}")


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(
            f"{text!r} is no time.", hint="Write it as in 2026-11-27T20:00:00Z."
        ) from error
