"""`meishi events retry` and `skip`: what becomes of the head of a key."""

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
    from meishi.events.operations.heads import Retried


@click.command()
@click.argument("event", type=click.UUID, required=False)
@subscription_option
@click.option("--key", help="The head of this key.")
@workspace_option
@click.option("--dead", is_flag=True, help="Only what is dead; of all subscriptions if none named.")
@json_option
def retry(
    *,
    event: UUID | None,
    subscription: str | None,
    key: str | None,
    workspace: str | None,
    dead: bool,
    as_json: bool,
) -> None:
    """Try the parked EVENT again at once, or all heads that the options name."""
    from meishi.events.operations.heads import retry_all, retry_event
    from meishi.events.operations.parked import ParkedFilter

    if event is not None and (key or workspace or dead):
        raise OperatorError("EVENT says which is meant; leave --key, --workspace, --dead away.")
    if event is None and not (subscription or dead):
        raise OperatorError("What is to be tried again?", hint="EVENT, --subscription or --dead.")
    with operating() as host:
        if event is not None:
            done: Retried = retry_event(event, subscription)
        else:
            wanted = ParkedFilter(
                subscription=subscription,
                state="dead" if dead else None,
                workspace=chosen_workspace(host, workspace),
                key=key,
            )
            done = retry_all(wanted)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{counted(len(done.events), 'event')} will be tried at once.")


@click.command()
@click.argument("event", type=click.UUID)
@subscription_option
@reason_option
@json_option
def skip(*, event: UUID, subscription: str | None, reason: str, as_json: bool) -> None:
    """Never deliver the parked EVENT; those behind it follow."""
    from meishi.events.operations.heads import skip as skip_event

    with operating():
        done = skip_event(event, verdict(reason), subscription)
    if as_json:
        print_json(done)
        return
    follows = f"{done.next} of its key follows." if done.next else "No other became a head by it."
    click.echo(f"{done.subscription} never gets {done.event}. {follows}")
