"""`meishi events parked` and `show`: what failed, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click
import msgspec

from meishi.command.events.operating import (
    chosen_workspace,
    json_option,
    operating,
    subscription_option,
    workspace_option,
)
from meishi.command.events.text import moment, printable, what_failed
from meishi.command.output import print_json, print_table

if TYPE_CHECKING:
    from meishi.events.operations.parked import ParkedDetails

_HEADERS = ("event", "subscription", "type", "key", "state", "attempts", "next try", "error")


@click.command()
@subscription_option
@click.option("--state", type=click.Choice(["retry", "held", "dead"]), help="This state only.")
@workspace_option
@click.option("--key", help="This key only: what the events are about.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most."
)
@click.option("--after", metavar="PLACE", help="Go on behind an earlier page.")
@json_option
def parked(
    *,
    subscription: str | None,
    state: str | None,
    workspace: str | None,
    key: str | None,
    limit: int,
    after: str | None,
    as_json: bool,
) -> None:
    """List events that failed, and those that are held behind them."""
    from meishi.events.operations.parked import ParkedFilter, list_parked

    with operating() as host:
        wanted = ParkedFilter(
            subscription=subscription,
            state=state,
            workspace=chosen_workspace(host, workspace),
            key=key,
        )
        page = list_parked(wanted, limit=limit, after=after)
    if as_json:
        print_json(page)
        return
    if not page.items:
        click.echo("Nothing is parked.")
        return
    print_table(
        _HEADERS,
        [
            (str(item.event), item.subscription, item.type, printable(item.key), item.state,
             str(item.attempts), moment(item.next_at) if item.state == "retry" else "",
             what_failed(item.error))
            for item in page.items
        ],
    )  # fmt: skip
    if page.next_after:
        click.echo(f"There are more: --after {page.next_after}")


@click.command()
@click.argument("event", type=click.UUID)
@subscription_option
@click.option("--payload", is_flag=True, help="Show what the event says, too.")
@json_option
def show(*, event: UUID, subscription: str | None, payload: bool, as_json: bool) -> None:
    """Show all about the parked EVENT, with its traceback."""
    from meishi.events.operations.parked import show_parked

    with operating():
        found = show_parked(event, subscription, payload=payload)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: ParkedDetails) -> None:
    parked = found.parked
    next_try = moment(parked.next_at) if parked.state == "retry" else ""
    for name, value in (
        ("event", parked.event),
        ("subscription", parked.subscription),
        ("type", parked.type),
        ("workspace", parked.workspace or "none"),
        ("key", parked.key),
        ("state", parked.state),
        ("attempts", parked.attempts),
        ("next try", next_try),
        ("parked", moment(parked.parked_at)),
        ("failed", moment(parked.failed_at)),
        ("envelope", msgspec.json.encode(found.envelope).decode()),
    ):
        if value != "":
            click.echo(f"{name + ':':<14}{printable(str(value))}")
    if found.payload is not None:
        click.echo(f"{'payload:':<14}{printable(msgspec.json.encode(found.payload).decode())}")
    if parked.error:
        click.echo(f"\n{printable(parked.error.rstrip())}")
