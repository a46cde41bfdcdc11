"""`meishi contacts purge`: the end of contacts that have been deleted for long."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import click
import msgspec

from crm_contacts.contract import Purges
from meishi.sdk.cli import OperatorError, WorkspaceSession, working_in, workspace_option
from meishi.sdk.context import service

#: Days of a hundred years.
_MAX_DAYS = 36_500


@click.command("purge")
@click.option(
    "--deleted-before",
    "written",
    required=True,
    metavar="DATE|DAYS",
    help="What was deleted before a day (2026-01-31, in UTC), or more than so many days ago.",
)
@click.option("--dry-run", is_flag=True, help="Say how many that are, and purge none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def purge(*, written: str, dry_run: bool, as_json: bool, workspace: str | None) -> None:
    """Delete contacts for good that were deleted some time ago: nothing brings them back.

    What is merged into them goes with them; a contact that is merged into another one stays as
    long as that. A purge that was broken off goes on when it is asked for again.
    """
    wanted = _wanted(written)
    with working_in(workspace, plugin="crm_contacts") as session:
        with session.unit_of_work():
            before = service(Purges).cutoff(wanted) if isinstance(wanted, int) else wanted
            found = service(Purges).count(before)
        purged = 0 if dry_run else _purged(session, before, found)
    if as_json:
        summary = {"deleted_before": before, "contacts": found, "purged": purged}
        click.echo(msgspec.json.encode(summary).decode())
    elif dry_run:
        click.echo(f"{found} contacts would be purged.")
    else:
        click.echo(f"{purged} contacts purged.")


def _purged(session: WorkspaceSession, before: datetime, found: int) -> int:
    """Purge chunk by chunk, each in a transaction of its own, and show how far that is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    purged, more = 0, True
    with Progress(console=console, disable=not console.is_terminal, transient=True) as shown:
        task = shown.add_task("Purging", total=found)
        while more:
            with session.unit_of_work():
                step = service(Purges).purge_before(before)
            purged, more = purged + step.purged, step.more
            shown.update(task, completed=purged)
    return purged


def _wanted(written: str) -> int | datetime:
    """Return days, or the moment at which a day begins."""
    if written.isascii() and written.isdigit() and len(written) <= len(str(_MAX_DAYS)):
        days = int(written)
        if days <= _MAX_DAYS:
            return days
    try:
        return datetime.combine(date.fromisoformat(written), time(), UTC)
    except ValueError as error:
        raise OperatorError(
            "--deleted-before is neither a day nor a number of days.",
            hint=f"Write a day as 2026-01-31, or how many days ago it is, 0 to {_MAX_DAYS}.",
        ) from error
