"""`meishi audit`: who did what in a workspace, and who was denied it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from meishi.command.events.text import moment, printable
from meishi.command.output import print_json, print_table
from meishi.command.session import working_in, workspace_option

if TYPE_CHECKING:
    from meishi.audit.entry import Entry
    from meishi.audit.reading import EntryFilter

F = TypeVar("F", bound=Callable[..., Any])

_PLUGIN = "audit"
_HEADERS = ("at", "outcome", "action", "resource", "user", "token", "address", "changed")
_TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
_MOST = 1000

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def _filters(command: F) -> F:
    """Add the options that say which entries are meant."""
    for option in (
        click.option("--until", type=click.DateTime(_TIMES), help="Before this time, in UTC."),
        click.option("--since", type=click.DateTime(_TIMES), help="From this time on, in UTC."),
        click.option("--outcome", type=click.Choice(["done", "denied"]), help="This only."),
        click.option("--resource-id", metavar="ID", help="About the resource of this id."),
        click.option("--resource-type", metavar="TYPE", help="About such resources: `contacts`."),
        click.option("--plugin", metavar="NAME", help="Of this plugin."),
        click.option("--action", metavar="ACTION", help="This action, as the list shows it."),
        click.option("--user", "user_id", type=click.UUID, metavar="ID", help="Of this user."),
    ):
        command = option(command)
    return workspace_option(command)


@click.group()
def audit() -> None:
    """See who did what in a workspace, and who was denied it."""


@audit.command("list")
@_filters
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most."
)
@_json
def list_entries(*, workspace: str | None, limit: int, as_json: bool, **wanted: Any) -> None:
    """List entries, the newest first."""
    from meishi.audit import reading

    with working_in(workspace, plugin=_PLUGIN) as session, session.unit_of_work():
        found = reading.list_entries(_filter(**wanted), limit=limit)
    if as_json:
        print_json({"items": found.items})
    elif not found.items:
        click.echo("There is no such entry.")
    else:
        print_table(_HEADERS, [_row(item) for item in found.items])
        if found.next_after is not None:
            click.echo("There are more: --limit, or `meishi audit export`.")


@audit.command()
@_filters
@click.option("--output", type=click.File("wb"), default="-", help="Default: standard output.")
def export(*, workspace: str | None, output: BinaryIO, **wanted: Any) -> None:
    """Write entries as JSON, a line for each, from the first on."""
    import msgspec

    from meishi.audit.reading import every_entry

    with working_in(workspace, plugin=_PLUGIN) as session, session.unit_of_work():
        found = every_entry(_filter(**wanted))
        output.writelines(msgspec.json.encode(entry) + b"\n" for entry in found)


def _filter(
    *, outcome: str | None, since: datetime | None, until: datetime | None, **wanted: Any
) -> EntryFilter:
    from meishi.audit.entry import Outcome
    from meishi.audit.reading import EntryFilter

    return EntryFilter(
        outcome=None if outcome is None else Outcome(outcome),
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        **wanted,
    )


def _row(item: Entry) -> tuple[str, ...]:
    resource = " ".join(filter(None, (item.resource_type, item.resource_id)))
    return (
        moment(item.at),
        item.outcome.value,
        printable(item.action),
        printable(resource),
        str(item.user_id or "the system"),
        str(item.token_id or ""),
        item.address or "",
        printable(", ".join(item.changed)),
    )
