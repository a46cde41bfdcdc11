"""`meishi events pause` and `resume`: a subscription, or one workspace in it."""

from __future__ import annotations

import click

from meishi.command.events.operating import (
    chosen_workspace,
    json_option,
    operating,
    reason_option,
    verdict,
    workspace_option,
)
from meishi.command.output import print_json


@click.command()
@click.argument("subscription")
@workspace_option
@reason_option
@json_option
def pause(*, subscription: str, workspace: str | None, reason: str, as_json: bool) -> None:
    """Deliver nothing more to SUBSCRIPTION, or nothing of one workspace; nothing is lost."""
    from meishi.events.operations import pausing

    with operating() as host:
        place = chosen_workspace(host, workspace)
        if place is None:
            done = pausing.pause(subscription, verdict(reason))
        else:
            done = pausing.pause_workspace(subscription, place, verdict(reason))
    if as_json:
        print_json(done)
    elif place is None:
        click.echo(f"{subscription} stands still; the log keeps all from there on.")
    else:
        click.echo(f"{subscription} gets nothing of {workspace}; what it misses is remembered.")


@click.command()
@click.argument("subscription")
@workspace_option
@reason_option
@json_option
def resume(*, subscription: str, workspace: str | None, reason: str, as_json: bool) -> None:
    """Let SUBSCRIPTION, or one workspace in it, go on from where it was paused."""
    from meishi.events.operations import pausing

    with operating() as host:
        place = chosen_workspace(host, workspace)
        if place is None:
            done = pausing.resume(subscription, verdict(reason))
        else:
            done = pausing.resume_workspace(subscription, place, verdict(reason))
    if as_json:
        print_json(done)
    elif place is None:
        click.echo(f"{subscription} goes on.")
    else:
        click.echo(f"{subscription} catches up on {workspace}.")
