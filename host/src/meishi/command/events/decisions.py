"""`meishi events decisions`: who decided what, and why."""

from __future__ import annotations

from uuid import UUID

import click

from meishi.command.events.operating import json_option, operating, subscription_option
from meishi.command.events.text import moment, printable
from meishi.command.output import print_json, print_table

_HEADERS = ("at", "subscription", "action", "event", "workspace", "by", "reason")


@click.command()
@subscription_option
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most."
)
@click.option("--after", type=click.UUID, help="Go on behind an earlier page.")
@json_option
def decisions(*, subscription: str | None, limit: int, after: UUID | None, as_json: bool) -> None:
    """List what operators decided, the newest first."""
    from meishi.events.operations.decisions import list_decisions

    with operating():
        page = list_decisions(subscription, limit=limit, after=after)
    if as_json:
        print_json(page)
        return
    if not page.items:
        click.echo("Nothing was decided yet.")
        return
    print_table(
        _HEADERS,
        [
            (moment(item.at), item.subscription, item.action, str(item.event or ""),
             str(item.workspace or ""), printable(item.decided_by), printable(item.reason))
            for item in page.items
        ],
    )  # fmt: skip
    if page.next_after:
        click.echo(f"There are more: --after {page.next_after}")
