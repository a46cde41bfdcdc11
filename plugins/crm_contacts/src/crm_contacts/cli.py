"""`meishi contacts`: importing address books from files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from crm_contacts.contract import CardOutcome, CardStatus, Contacts, SourceCard
from crm_contacts.sources import batches, source_cards
from meishi.sdk.cli import OperatorError, working_in, workspace_option
from meishi.sdk.context import service


@click.group()
def contacts() -> None:
    """People and organisations."""


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write rejected cards to this file, as they were.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def import_(*, file: Path, rejects: Path | None, as_json: bool, workspace: str | None) -> None:
    """Import an address book (vCard 2.1, 3.0 or 4.0), however large.

    Cards go in batches: what was imported stays when a later batch fails, and importing the
    same file again only finds duplicates.
    """
    with _naming(file, "read"):
        is_same = rejects is not None and rejects.exists() and rejects.samefile(file)
    if is_same:
        raise OperatorError(f"{rejects} is the file to import.", hint="Name another for --rejects.")
    tally = _Tally()
    with _naming(file, "read"):
        stream = file.open("rb")
    with stream, _rejects_file(rejects) as keep:
        for card, outcome in _imported(file, stream, workspace):
            tally.add(outcome)
            if outcome.status is CardStatus.REJECTED:
                keep(card.content)
    if as_json:
        click.echo(msgspec.json.encode(tally.summary() | {"rejects": tally.rejects}).decode())
        return
    click.echo("{cards} cards: {imported} imported ({duplicates} of them duplicates), "
               "{rejected} rejected.".format(**tally.summary()))  # fmt: skip
    for outcome in tally.rejects:
        click.echo(f"  line {outcome.line}: {outcome.reason}", err=True)


class _Tally:
    """Counts of outcomes, and the rejected cards; memory does not grow with the good ones."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(CardStatus, 0)
        self.rejects: list[CardOutcome] = []

    def add(self, outcome: CardOutcome) -> None:
        """Count one card."""
        self._counts[outcome.status] += 1
        if outcome.status is CardStatus.REJECTED:
            self.rejects.append(outcome)

    def summary(self) -> dict[str, int]:
        """Return the counts; imported cards include duplicates."""
        created, duplicates, rejected = (self._counts[status] for status in CardStatus)
        return {
            "cards": created + duplicates + rejected,
            "imported": created + duplicates,
            "duplicates": duplicates,
            "rejected": rejected,
        }


def _imported(
    file: Path, stream: BinaryIO, workspace: str | None
) -> Iterator[tuple[SourceCard, CardOutcome]]:
    """Import a file batch by batch, each in one unit of work, and show how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    size = os.fstat(stream.fileno()).st_size if stream.seekable() else None
    with working_in(workspace, plugin="crm_contacts") as session:
        cards = _read(file, source_cards(stream, max_card_bytes=session.settings["max_card_bytes"]))
        with Progress(console=console, disable=not console.is_terminal, transient=True) as shown:
            task = shown.add_task("Importing", total=size)
            for batch in batches(cards):
                with session.unit_of_work():
                    outcomes = service(Contacts).import_cards(batch)
                yield from zip(batch, outcomes, strict=True)
                if stream.seekable():
                    shown.update(task, completed=stream.tell())


def _read(file: Path, cards: Iterator[SourceCard]) -> Iterator[SourceCard]:
    """Yield cards; only what goes wrong with reading them is the file's fault."""
    with _naming(file, "read"):
        yield from cards


@contextmanager
def _rejects_file(file: Path | None) -> Iterator[Callable[[bytes], None]]:
    """Lend what writes a rejected card to the file, octet for octet.

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
            with _naming(file, "written"):
                if stream is None:
                    # Unbuffered, so that closing it has nothing left to write.
                    stream = opened.enter_context(file.open("wb", buffering=0))
                _write(stream, content if content.endswith((b"\n", b"\r")) else content + b"\r\n")

        yield keep


def _write(stream: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]


@contextmanager
def _naming(file: Path, done: str) -> Iterator[None]:
    """Turn the system's objection into a line that names the file."""
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{file} cannot be {done}: {error.strerror}.") from error
