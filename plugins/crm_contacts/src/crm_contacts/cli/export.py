"""`meishi contacts export`: all contacts, or those that filters find, as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from crm_contacts.cli.output import STDOUT, output_to
from crm_contacts.cli.query import wanted_contacts
from crm_contacts.contract import ContactDocuments, CustomFields, InvalidContactQuery
from crm_contacts.file_formats import FORMATS, FileFormat, all_fields, pages
from meishi.sdk.cli import OperatorError, WorkspaceSession, working_in, workspace_option
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage, ListQuery

_BY_NAME = {form.name: form for form in FORMATS}
_NAMES = ", ".join(_BY_NAME)
_DEFAULT = FORMATS[0]

#: Told how many contacts were read, and how many there are if that was counted.
Show = Callable[[int, int | None], None]


@click.command("export")
@click.option(
    "--format",
    "named",
    metavar="NAME",
    help=f"One of: {_NAMES}. Default: what the name of the file says, else {_DEFAULT.name}.",
)
@click.option(
    "--filter",
    "filters",
    metavar="FIELD[OPERATOR]=VALUE",
    multiple=True,
    help="Only such contacts, as the list of the web API filters them; all of several must hold.",
)
@click.option(
    "--search",
    metavar="TEXT",
    help="Only what is found; the best match first, and a thousand at most.",
)
@click.option("--sort", metavar="FIELDS", help="In this order, as the list of the web API sorts.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=STDOUT,
    help="The file to write; default: -, standard output.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@workspace_option
def export(
    *,
    named: str | None,
    filters: tuple[str, ...],
    search: str | None,
    sort: str | None,
    output: Path,
    force: bool,
    workspace: str | None,
) -> None:
    """Write contacts into a file: all of them, or those that filters or a search find.

    The file is what the web API makes: `GET /exports/contacts-NAME`. Until it is whole it is
    called FILE.part.
    """
    form = _format_of(named, output)
    wanted = wanted_contacts(filters, search=search, sort=sort)
    with (
        output_to(output, force=force) as write,
        working_in(workspace, plugin="crm_contacts") as session,
        _progress(output) as show,
    ):
        reader = _Reader(session, show, cards=form.cards)
        with session.unit_of_work():
            fields = all_fields(service(CustomFields).list)
        for piece in form.write(pages(wanted, reader.page), fields):
            write(piece)
    if output != STDOUT and output.is_file():
        click.echo(f"{reader.read} contacts written to {click.format_filename(output)}.")


def _format_of(named: str | None, output: Path) -> FileFormat:
    """Return the format that is asked for, or the first that the name of the file stands for."""
    if named is not None:
        if named not in _BY_NAME:
            raise OperatorError(f"There is no format {named!r}.", hint=f"There are: {_NAMES}.")
        return _BY_NAME[named]
    suffix = output.suffix.lower()
    if not suffix:
        return _DEFAULT
    found = [form for form in FORMATS if form.suffix == suffix]
    if len({form.media_type for form in found}) != 1:
        names = ", ".join(form.name for form in found) or _NAMES
        raise OperatorError(
            f"The name {output.name!r} does not say which format is meant.",
            hint=f"Say it with --format: {names}.",
        )
    return found[0]


class _Reader:
    """Reads contacts page by page, each in a unit of work of its own, and counts them.

    So none is open while somebody takes their time over what was written.
    """

    def __init__(self, session: WorkspaceSession, show: Show | None, *, cards: bool) -> None:
        self._session = session
        self._cards = cards
        self._show = show
        self.read = 0

    def page(self, wanted: ListQuery) -> DocumentPage:
        """Return a page of the list; the first one counts all if that is shown."""
        counting = self._show is not None and wanted.after is None
        try:
            with self._session.unit_of_work():
                found = service(ContactDocuments).list(
                    replace(wanted, with_total=counting),
                    with_photos=self._cards,
                    with_relations=self._cards,
                )
        except InvalidContactQuery as error:
            raise OperatorError(
                error.detail, hint="The list of contacts in the web API takes the same filters."
            ) from error
        self.read += len(found.items)
        if self._show is not None:
            self._show(self.read, found.total)
        return found


@contextmanager
def _progress(output: Path) -> Iterator[Show | None]:
    """Lend what shows how far it is, on a terminal where the file is not shown, too."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal or (output == STDOUT and sys.stdout.isatty()):
        yield None
        return
    with Progress(console=console, transient=True) as shown:
        task = shown.add_task("Exporting", total=None)
        yield lambda read, total: shown.update(task, completed=read, total=total)
