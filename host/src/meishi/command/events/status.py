"""`meishi events status`: how each subscription is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meishi.command.events.operating import json_option, operating
from meishi.command.events.text import what_failed
from meishi.command.output import print_json, print_table

if TYPE_CHECKING:
    from meishi.events.operations.status import SubscriptionStatus

_HEADERS = (
    "subscription", "plugin", "state", "slots", "lag", "behind", "parked", "delivered",
    "paused workspaces", "last error",
)  # fmt: skip


@click.command()
@click.argument("subscription", required=False)
@json_option
def status(*, subscription: str | None, as_json: bool) -> None:
    """Show how SUBSCRIPTION is, or all of them."""
    from meishi.events.operations.status import SubscriptionStatuses
    from meishi.events.operations.workers import workers_alive

    with operating() as host:
        statuses = SubscriptionStatuses(host.statuses())
        found = statuses.all() if subscription is None else [statuses.one(subscription)]
        workers = workers_alive()
    if as_json:
        print_json({"subscriptions": found, "workers_alive": workers})
        return
    if not found:
        click.echo("No subscription is known: `meishi worker` registers those of active plugins.")
        return
    print_table(_HEADERS, [_row(item) for item in found])
    click.echo(f"Workers alive: {workers}.")


def _row(item: SubscriptionStatus) -> tuple[str, ...]:
    return (
        item.name,
        item.reason or "active",
        _state(item),
        f"{item.leased_slots}/{item.slots}",
        str(item.lag_events),
        f"{item.lag_seconds:.0f} s",
        _parked(item),
        str(item.delivered),
        ", ".join(f"{gap.workspace} ({gap.state})" for gap in item.paused_workspaces),
        what_failed(item.last_error),
    )


def _state(item: SubscriptionStatus) -> str:
    if item.state == "backfilling":
        return f"backfilling ({item.backfilled} of {item.backfills} workspaces)"
    return item.state


def _parked(item: SubscriptionStatus) -> str:
    counts = {"dead": item.parked.dead, "retry": item.parked.retry, "held": item.parked.held}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "0"
