"""`meishi contacts`: address books from files and into files, and comparing contacts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click
import msgspec

from crm_contacts.cli.dedupe import dedupe
from crm_contacts.cli.export import export
from crm_contacts.cli.faults import naming
from crm_contacts.cli.mapping import columns_of, map_columns, say_columns, tried
from crm_contacts.contract import (
    MAX_PAGE,
    PIECE_BYTES,
    CardStatus,
    ContactImport,
    EmptyAddressBook,
    ImportCounts,
    ImportFormat,
    ImportMappingNeeded,
    ImportRow,
    Imports,
    ImportState,
)
from crm_contacts.target_words import written_target
from meishi.sdk.cli import OperatorError, WorkspaceSession, working_in, workspace_option
from meishi.sdk.context import service

#: What a file's name says that it is; other names leave it to its content.
_FORMATS = {
    ".csv": ImportFormat.CSV,
    ".tsv": ImportFormat.CSV,
    ".vcf": ImportFormat.VCARD,
    ".vcard": ImportFormat.VCARD,
}
_READABLE = (
    "vCards (.vcf), jCards and JSContact (.json) can be read, and tables (.csv) whose first row"
    " names their columns."
)
_MAPPING = '--dry-run shows the columns; say --map "HEADING=name" or whatever they are.'


@click.group()
def contacts() -> None:
    """People and organisations."""


contacts.add_command(dedupe)
contacts.add_command(export)


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write rejected cards or rows to this file, as they were.",
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=TARGET",
    help="What a column of a table becomes, by its heading or as #2: name, email:work,"
    " address.locality/Office, tags, custom.KEY, raw, skip, …",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what columns become and what there would be; import nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def import_(
    *,
    file: Path,
    rejects: Path | None,
    mapped: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    workspace: str | None,
) -> None:
    """Import an address book, however large: vCards, jCards, JSContact, or a table in CSV.

    The file goes in by chunks: what was imported stays when a later chunk fails, and importing
    the same file again only finds duplicates.
    """
    with naming(file, "read"):
        is_same = rejects is not None and rejects.exists() and rejects.samefile(file)
    if is_same:
        raise OperatorError(f"{rejects} is the file to import.", hint="Name another for --rejects.")
    with naming(file, "read"):
        stream = file.open("rb")
    with (
        stream,
        _rejects_file(rejects) as keep,
        working_in(workspace, plugin="crm_contacts") as session,
    ):
        found = _uploaded(session, file, stream)
        with _forgetting(session, found, OperatorError):
            map_columns(session, found.id, mapped)
        with _forgetting(session, found, ImportMappingNeeded):
            if dry_run:
                _try(session, found, as_json=as_json)
                return
            done = _completed(session, found)
        for content in _rejects(session, done.id):
            keep(content)
        rejected = tuple(_rejected(session, done.id))
    summary = _summary(done.counts)
    if as_json:
        click.echo(msgspec.json.encode(summary | {"rejects": rejected}).decode())
        return
    click.echo("{cards} cards: {imported} imported ({duplicates} of them duplicates), "
               "{rejected} rejected.".format(**summary))  # fmt: skip
    for row in rejected:
        click.echo(f"  line {row.line}: {row.reason}", err=True)


def _try(session: WorkspaceSession, found: ContactImport, *, as_json: bool) -> None:
    """Say what columns become and what there would be, and forget the file."""
    columns = columns_of(session, found.id)
    if not as_json:
        say_columns(columns)
    trial = tried(session, found.id)
    _forget(session, found)
    summary = _summary(trial.counts)
    if as_json:
        named = [
            {
                "position": item.position,
                "heading": item.heading,
                "target": written_target(item.target),
                "proposed": written_target(item.proposed),
            }
            for item in columns
        ]
        document = summary | {"dry_run": True, "columns": named, "rejects": trial.rejected}
        click.echo(msgspec.json.encode(document).decode())
        return
    click.echo("{cards} cards: {imported} would be imported ({duplicates} of them duplicates), "
               "{rejected} rejected. Nothing was.".format(**summary))  # fmt: skip
    for row in trial.rejected:
        click.echo(f"  line {row.line}: {row.reason}", err=True)


def _forget(session: WorkspaceSession, found: ContactImport) -> None:
    with session.unit_of_work():
        service(Imports).delete(found.id)


@contextmanager
def _forgetting(
    session: WorkspaceSession, found: ContactImport, refusal: type[Exception]
) -> Iterator[None]:
    """Forget a file of which nothing came in, if it is refused in this way."""
    try:
        yield
    except refusal as error:
        _forget(session, found)
        if isinstance(error, ImportMappingNeeded):
            raise OperatorError(error.detail, hint=_MAPPING) from error
        raise


def _summary(counts: ImportCounts) -> dict[str, int]:
    """Return the counts; imported cards include duplicates."""
    return {
        "cards": counts.rows,
        "imported": counts.created + counts.duplicates,
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "duplicates": counts.duplicates,
        "rejected": counts.rejected,
    }


def _uploaded(session: WorkspaceSession, file: Path, stream: BinaryIO) -> ContactImport:
    """Store a file, all or nothing of it."""
    with session.unit_of_work():
        imports = service(Imports)
        import_id = imports.begin(file.name)
        for number in count():
            with naming(file, "read"):
                piece = stream.read(PIECE_BYTES)
            if not piece:
                break
            imports.add_piece(import_id, number, piece)
        try:
            return imports.finish(import_id, _FORMATS.get(file.suffix.lower()))
        except EmptyAddressBook as error:
            reason = error.detail.rstrip(".")
            raise OperatorError(f"{file} cannot be imported: {reason}.", hint=_READABLE) from error


def _completed(session: WorkspaceSession, found: ContactImport) -> ContactImport:
    """Work on an import chunk by chunk to its end, and show how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as shown:
        task = shown.add_task("Importing", total=found.size)
        while found.state is not ImportState.COMPLETED:
            with session.unit_of_work():
                found = service(Imports).run(found.id, seconds=0)
            shown.update(task, completed=found.done)
    return found


def _rejects(session: WorkspaceSession, import_id: UUID) -> Iterator[bytes]:
    """Yield the file of rejected cards or rows in parts."""
    after: int | None = None
    while True:
        with session.unit_of_work():
            page = service(Imports).rejects(import_id, after=after)
        if page.content:
            yield page.content
        after = page.next_after
        if after is None:
            return


def _rejected(session: WorkspaceSession, import_id: UUID) -> Iterator[ImportRow]:
    after: int | None = None
    while True:
        with session.unit_of_work():
            page = service(Imports).rows(
                import_id, statuses=(CardStatus.REJECTED,), after=after, limit=MAX_PAGE
            )
        yield from page.items
        after = page.next_after
        if after is None:
            return


@contextmanager
def _rejects_file(file: Path | None) -> Iterator[Callable[[bytes], None]]:
    """Lend what writes rejected cards to the file, octet for octet.

    The first one replaces what is in the file, so without any that stays as it is.
    """
    if file is None:
        yield lambda _: None
        return
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise OperatorError(f"{file} cannot be written.", hint="Name another for --rejects.")
    with ExitStack() as opened:
        stream: BinaryIO | None = None

        def keep(content: bytes) -> None:
            nonlocal stream
            with naming(file, "written"):
                if stream is None:
                    # Unbuffered, so that closing it has nothing left to write.
                    stream = opened.enter_context(file.open("wb", buffering=0))
                _write(stream, content)

        yield keep


def _write(stream: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]
