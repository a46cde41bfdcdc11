"""The command `python -m meishi.testing.surface [PACKAGE ...]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from meishi.settings import Settings
from meishi.testing.surface.changes import Change
from meishi.testing.surface.modules import public_modules
from meishi.testing.surface.record import Record, declared
from meishi.testing.surface.web import web_document


@click.command()
@click.argument("packages", nargs=-1)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("docs/surface"),
    show_default=True,
    help="Where the last declared surface stands.",
)
@click.option(
    "--notes",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("changes"),
    show_default=True,
    help="Where notes `*.breaking.md` declare breaking changes.",
)
@click.option("--record", is_flag=True, help="Write down what is so now.")
@click.pass_context
def main(
    context: click.Context, packages: tuple[str, ...], folder: Path, notes: Path, *, record: bool
) -> None:
    """Compare the public surface of PACKAGES, or of all and the web API, with what is written.

    A breaking change has to be named in a note of the next release before it can be recorded.
    """
    surface = Record(folder)
    found = [*_changes(surface, packages)]
    said = declared(notes)
    undeclared = [change for change in found if change.breaking and not _is_named(change, said)]
    stale = surface.stale()
    for change in found:
        hint = f"declare it in {notes}/+SLUG.breaking.md, naming `{change.subject}`"
        click.echo(f"{change}; {hint}" if change in undeclared else str(change))
    if record and not undeclared:
        surface.write()
        click.echo(f"Recorded {len(found)} changes in {folder}.")
    elif stale and not undeclared:
        click.echo(f"{folder} is not up to date: `make surface` records what has changed.")
    context.exit(1 if undeclared or (stale and not record) else 0)


def _changes(surface: Record, packages: tuple[str, ...]) -> Iterator[Change]:
    for root, modules in public_modules().items():
        if not packages or root in packages:
            yield from surface.names(root, modules)
    if not packages:
        # Of no settings but the defaults: what a machine has set for itself is left out.
        yield from surface.web(web_document(Settings(home=Path())))


def _is_named(change: Change, said: str) -> bool:
    """Whether the notes name what has changed, or what it is a part of."""
    parts = change.subject.split(".") if " " not in change.subject else [change.subject]
    names = (".".join(parts[: count + 1]) for count in range(len(parts)))
    return any(re.search(rf"`{re.escape(name)}`", said) for name in names)


if __name__ == "__main__":
    main()
