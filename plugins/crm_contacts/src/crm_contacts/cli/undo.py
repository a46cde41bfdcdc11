"""Taking an import back on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import click
import msgspec

from crm_contacts.contract import (
    MAX_PAGE,
    ImportNotFound,
    ImportUndo,
    ImportUndoRefused,
    ImportUndos,
    KeptContact,
)
from meishi.sdk.cli import OperatorError, WorkspaceSession
from meishi.sdk.context import service

#: Contacts that stay, of which each has a line.
_SHOWN = 20


def undo_import(session: WorkspaceSession, import_id: UUID, *, as_json: bool) -> None:
    """Undo an import to its end, and say what came of it.

    An undo that was broken off goes on where it stopped.
    """
    try:
        with session.unit_of_work():
            service(ImportUndos).begin(import_id)
        found = _undone(session, import_id)
    except (ImportNotFound, ImportUndoRefused) as error:
        hint = "`meishi contacts import FILE --json` prints the id of an import."
        raise OperatorError(error.detail, hint=hint) from error
    kept = tuple(_kept(session, import_id))
    if as_json:
        counts = {name: getattr(found, name) for name in ("deleted", "reverted", "gone")}
        document = {"import": import_id} | counts | {"kept": kept}
        click.echo(msgspec.json.encode(document).decode())
        return
    click.echo(
        f"{found.deleted} contacts deleted, {found.reverted} as before, {found.gone} gone already,"
        f" {found.kept} of which something stays."
    )
    for item in kept[:_SHOWN]:
        fields = "" if item.created else f": {', '.join(item.fields)}"
        click.echo(f"  {item.name or item.contact_id}: {item.reason.value}{fields}", err=True)
    if len(kept) > _SHOWN:
        click.echo(f"  and {len(kept) - _SHOWN} more", err=True)


def _undone(session: WorkspaceSession, import_id: UUID) -> ImportUndo:
    while True:
        with session.unit_of_work():
            found = service(ImportUndos).step(import_id)
        if found.completed_at is not None:
            return found


def _kept(session: WorkspaceSession, import_id: UUID) -> Iterator[KeptContact]:
    after: UUID | None = None
    while True:
        with session.unit_of_work():
            page = service(ImportUndos).kept(import_id, after=after, limit=MAX_PAGE)
        yield from page.items
        after = page.next_after
        if after is None:
            return
