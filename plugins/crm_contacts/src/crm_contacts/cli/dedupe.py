"""`meishi contacts dedupe`: comparing all contacts, and merging those that are certainly one."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import click
import msgspec

from crm_contacts.contract import (
    ContactNotFound,
    Contacts,
    ContactUidTaken,
    Duplicates,
    DuplicateScan,
    InvalidContact,
    Merges,
)
from meishi.sdk.cli import OperatorError, WorkspaceSession, working_in, workspace_option
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch

#: How many groups are asked for at once.
_GROUPS = 100
#: How many of them are shown one by one.
_SHOWN = 20


@click.command("dedupe")
@click.option(
    "--merge-certain",
    is_flag=True,
    help="Say which contacts are certainly one, and would be merged.",
)
@click.option("--apply", is_flag=True, help="Merge them; each merge can be taken back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def dedupe(*, merge_certain: bool, apply: bool, as_json: bool, workspace: str | None) -> None:
    """Compare all contacts, and remember which of them may be one and the same.

    A scan that was broken off goes on where it stopped. With --merge-certain the groups of
    contacts are shown that are certainly one; only with --apply they are merged, each into the
    eldest of them.
    """
    if apply and not merge_certain:
        raise OperatorError(
            "--apply says nothing by itself.", hint="Use it together with --merge-certain."
        )
    with working_in(workspace, plugin="crm_contacts") as session:
        scan = _scanned(session)
        groups = list(_groups(session, apply=apply)) if merge_certain else []
    summary = {
        "contacts": scan.done,
        "pairs": scan.found,
        "certain": scan.certain,
        "groups": len(groups),
        "merged": sum(len(ids) - 1 for ids, _, fault in groups if apply and fault is None),
    }
    if as_json:
        faults = [{"contact_id": str(ids[0]), "reason": fault} for ids, _, fault in groups if fault]
        click.echo(msgspec.json.encode(summary | {"faults": faults}).decode())
        return
    click.echo(
        f"{scan.done} contacts compared: {scan.found} pairs may be one,"
        f" {scan.certain} of them certainly."
    )
    if merge_certain:
        _tell(groups, apply=apply)


def _tell(groups: list[tuple[tuple[UUID, ...], str, str | None]], *, apply: bool) -> None:
    done = "merged" if apply else "would be merged"
    for ids, name, fault in groups[:_SHOWN]:
        if fault is None:
            click.echo(f"  {name}: {len(ids) - 1} {done} into {ids[0]}")
        else:
            click.echo(f"  {name}: {fault}", err=True)
    if len(groups) > _SHOWN:
        click.echo(f"  and {len(groups) - _SHOWN} more groups")
    if groups and not apply:
        click.echo("Nothing was merged; add --apply to do it.")


def _scanned(session: WorkspaceSession) -> DuplicateScan:
    """Look at all contacts page by page, and show how far that is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as shown:
        with session.unit_of_work():
            scan = service(Duplicates).start_scan()
        task = shown.add_task("Comparing", total=scan.total, completed=scan.done)
        while scan.completed_at is None:
            with session.unit_of_work():
                scan = service(Duplicates).run_scan(scan.id)
            shown.update(task, completed=scan.done, total=scan.total)
    return scan


def _groups(
    session: WorkspaceSession, *, apply: bool
) -> Iterator[tuple[tuple[UUID, ...], str, str | None]]:
    """Yield groups that are certainly one: their ids, a name, and why they could not be merged.

    Each is merged in a transaction of its own; what was merged is in no group any more.
    """
    seen: set[tuple[UUID, ...]] = set()
    while True:
        with session.unit_of_work():
            found = service(Duplicates).groups(limit=_GROUPS if apply else _GROUPS * _GROUPS)
        fresh = [ids for ids in found if ids not in seen]
        for ids in fresh:
            yield ids, *_merged(session, ids, apply=apply)
        seen.update(fresh)
        if not fresh or not apply:
            return


def _merged(
    session: WorkspaceSession, ids: tuple[UUID, ...], *, apply: bool
) -> tuple[str, str | None]:
    try:
        with session.unit_of_work():
            name = service(Contacts).get(ids[0]).name.full
            if apply:
                service(Merges).merge(ids[0], ids[1:])
    except (ContactNotFound, ContactUidTaken, InvalidContact, VersionMismatch) as error:
        return str(ids[0]), error.detail
    return name, None
