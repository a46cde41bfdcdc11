"""`meishi contacts import`: an address book from a file, tried out, taken in, or taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click
import msgspec

from crm_contacts.cli.faults import naming
from crm_contacts.cli.mapping import (
    columns_of,
    map_columns,
    say_columns,
    say_unmapped,
    tried,
)
from crm_contacts.cli.reading import Reading, reading_options
from crm_contacts.cli.rejects import noticed_rows, rejected_rows, rejects_file, rejects_of
from crm_contacts.cli.undo import undo_import
from crm_contacts.contract import (
    PIECE_BYTES,
    CardStatus,
    ContactImport,
    EmptyAddressBook,
    ImportCounts,
    ImportFormat,
    ImportMappingNeeded,
    ImportNotFound,
    ImportRow,
    Imports,
    ImportState,
)
from crm_contacts.target_words import written_target
from meishi.sdk.cli import (
    Interruption,
    OperatorError,
    WorkspaceSession,
    working_in,
    workspace_option,
)
from meishi.sdk.context import service

#: What a file's name says that it is; other names leave it to its content.
_FORMATS = {
    ".csv": ImportFormat.CSV,
    ".tsv": ImportFormat.CSV,
    ".vcf": ImportFormat.VCARD,
    ".vcard": ImportFormat.VCARD,
}
_Upload = Callable[[Path, BinaryIO, Reading], ContactImport]
_READABLE = (
    "vCards (.vcf), JSON (.json, .ndjson) can be read, and tables (.csv) whose first row"
    " names their columns."
)
_UNDO = (
    "`meishi contacts import FILE` imports one, `meishi contacts import --undo ID` takes it back."
)
_MAPPING = '--dry-run shows the columns; say --map "HEADING=name" or whatever they are.'


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write rejected cards or rows to this file, as they were.",
)
@reading_options
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what columns become and what there would be; import nothing.",
)
@click.option(
    "--undo",
    type=click.UUID,
    metavar="ID",
    help="Take back an import that was made before; what people did since stays.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def import_(
    *,
    file: Path | None,
    rejects: Path | None,
    reading: Reading,
    dry_run: bool,
    undo: UUID | None,
    as_json: bool,
    workspace: str | None,
) -> None:
    """Import an address book, however large: vCards, jCards, JSContact, JSON lines, or a CSV table.

    The file goes in by chunks: what was imported stays when a later chunk fails. The same command
    again goes on where an import was broken off, and only finds duplicates once it is complete.
    The id of an import is in what --json prints; `done_before` are cards that were done already.
    """
    if undo is not None:
        if file is not None or rejects is not None or reading.is_said or dry_run:
            raise OperatorError("--undo goes without a file and its options.", hint=_UNDO)
        with working_in(workspace, plugin="crm_contacts") as session:
            undo_import(session, undo, as_json=as_json)
        return
    if file is None:
        raise OperatorError("There is no file to import.", hint=_UNDO)
    with naming(file, "read"):
        is_same = rejects is not None and rejects.exists() and rejects.samefile(file)
    if is_same:
        raise OperatorError(f"{rejects} is the file to import.", hint="Name another for --rejects.")
    with naming(file, "read"):
        stream = file.open("rb")
    with (
        stream,
        rejects_file(rejects) as keep,
        working_in(workspace, plugin="crm_contacts") as session,
    ):
        if dry_run:
            with _leaving_nothing(session) as upload:
                found = upload(file, stream, reading)
                map_columns(session, found.id, reading)
                _try(session, found, as_json=as_json)
            return
        found = _uploaded(session, file, stream, reading)
        with _forgetting(session, found, OperatorError):
            map_columns(session, found.id, reading)
        found = _going_on(session, found)
        before = found.counts.rows
        if before and not as_json:
            click.echo(f"Going on where {before} cards were done already.", err=True)
        with _forgetting(session, found, ImportMappingNeeded):
            done = _completed(session, found)
        for content in rejects_of(session, done.id):
            keep(content)
        rejected = tuple(rejected_rows(session, done.id))
        noticed = tuple(noticed_rows(session, done.id))
    if as_json:
        told = {"unmapped_columns": done.unmapped_columns, "done_before": before}
        told |= {"rejects": rejected, "notices": noticed}
        document = {"import": done.id} | _summary(done.counts) | told
        click.echo(msgspec.json.encode(document).decode())
        return
    _say(done, (*rejected, *noticed))


def _say(done: ContactImport, rows: Iterable[ImportRow]) -> None:
    """Say what came in, and what there is to say of rows."""
    click.echo("{cards} cards: {imported} imported ({duplicates} of them duplicates), "
               "{rejected} rejected.".format(**_summary(done.counts)))  # fmt: skip
    say_unmapped(done.unmapped_columns)
    for row in rows:
        click.echo(f"  line {row.line}: {row.reason}", err=True)


def _try(session: WorkspaceSession, found: ContactImport, *, as_json: bool) -> None:
    """Say what columns become and what there would be."""
    columns = columns_of(session, found.id)
    if not as_json:
        say_columns(columns)
    try:
        trial = tried(session, found.id)
    except ImportMappingNeeded as error:
        raise OperatorError(error.detail, hint=_MAPPING) from error
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
        rejects = [row for row in trial.rejected if row.status is CardStatus.REJECTED]
        notices = [row for row in trial.rejected if row.status is not CardStatus.REJECTED]
        told = {"columns": named, "rejects": rejects, "notices": notices}
        document = summary | {"dry_run": True} | told
        click.echo(msgspec.json.encode(document).decode())
        return
    click.echo("{cards} cards: {imported} would be imported ({duplicates} of them duplicates), "
               "{rejected} rejected. Nothing was.".format(**summary))  # fmt: skip
    for row in trial.rejected:
        click.echo(f"  line {row.line}: {row.reason}", err=True)


@contextmanager
def _leaving_nothing(session: WorkspaceSession) -> Iterator[_Upload]:
    """Lend what uploads a file that is forgotten at the end, also if a signal is that."""
    begun: list[UUID] = []
    with Interruption():
        try:
            yield partial(_uploaded, session, begun=begun)
        finally:
            for import_id in begun:
                _forget(session, import_id)


def _forget(session: WorkspaceSession, import_id: UUID) -> None:
    """Forget an import, if it is there."""
    with suppress(ImportNotFound), session.unit_of_work():
        service(Imports).delete(import_id)


@contextmanager
def _forgetting(
    session: WorkspaceSession, found: ContactImport, refusal: type[Exception]
) -> Iterator[None]:
    """Forget a file of which nothing came in, if it is refused in this way."""
    try:
        yield
    except refusal as error:
        _forget(session, found.id)
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


def _uploaded(
    session: WorkspaceSession,
    file: Path,
    stream: BinaryIO,
    reading: Reading,
    *,
    begun: list[UUID] | None = None,
) -> ContactImport:
    """Store a file, all or nothing of it; its import is one of those that were `begun`."""
    told = _FORMATS.get(file.suffix.lower())
    if told is None and reading.has_header is not None:
        told = ImportFormat.CSV
    with session.unit_of_work():
        imports = service(Imports)
        import_id = imports.begin(file.name)
        if begun is not None:
            begun.append(import_id)
        for number in count():
            with naming(file, "read"):
                piece = stream.read(PIECE_BYTES)
            if not piece:
                break
            imports.add_piece(import_id, number, piece)
        try:
            return imports.finish(
                import_id, told, charset=reading.charset, has_header=reading.has_header
            )
        except EmptyAddressBook as error:
            reason = error.detail.rstrip(".")
            raise OperatorError(f"{file} cannot be imported: {reason}.", hint=_READABLE) from error


def _going_on(session: WorkspaceSession, found: ContactImport) -> ContactImport:
    """Return the import of the same file that was broken off, if there is one, for this one."""
    with session.unit_of_work():
        imports = service(Imports)
        begun = imports.begun_before(found.id)
        if begun is None:
            return found
        imports.delete(found.id)
        return imports.get(begun)


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
