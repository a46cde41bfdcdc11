"""`meishi events discard`: throwing away what is parked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from meishi.command.events.operating import (
    chosen_workspace,
    json_option,
    operating,
    reason_option,
    subscription_option,
    verdict,
    workspace_option,
)
from meishi.command.events.text import counted
from meishi.command.output import print_json
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.events.operations.heads import Discarded


@click.command()
@click.argument("event", type=click.UUID, required=False)
@subscription_option
@click.option("--key", help="All that is parked of this key.")
@workspace_option
@click.option("--all", "everything", is_flag=True, help="All that is parked in the subscription.")
@click.option("--yes", is_flag=True, help="Yes, all of it.")
@reason_option
@json_option
def discard(
    *,
    event: UUID | None,
    subscription: str | None,
    key: str | None,
    workspace: str | None,
    everything: bool,
    yes: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Never deliver the head EVENT and what is held behind it; or a key; or all."""
    from meishi.events.operations.heads import discard_all, discard_event, discard_key

    if sum((event is not None, key is not None, everything)) != 1:
        raise OperatorError("What is to be discarded?", hint="One of: EVENT, --key, --all.")
    if workspace is not None and key is None:
        raise OperatorError("--workspace goes with --key.")
    with operating() as host:
        decided = verdict(reason)
        if event is not None:
            done: Discarded = discard_event(event, decided, subscription)
        elif subscription is None:
            raise OperatorError("Of which subscription?", hint="Add --subscription NAME.")
        elif key is not None:
            place = chosen_workspace(host, workspace)
            done = discard_key(subscription, key, decided, workspace=place)
        else:
            done = discard_all(subscription, decided, confirmed=yes)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.subscription} never gets {counted(len(done.events), 'event')}.")
