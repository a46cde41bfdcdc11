"""Prints the reference of all commands, as their own help has them, for docs/commands.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from meishi.cli import meishi

HEAD = """\
# Commands

Every command with its arguments and options, as `--help` has them; plugins of this repository
included. [Operating](operating.md) tells when to use which. This page is made by `make reference`.
"""


def page() -> Iterator[str]:
    """Yield the parts of the page: the head, then a section for each command."""
    yield HEAD
    with click.Context(meishi, info_name="meishi") as context:
        yield from sections(context)


def sections(context: click.Context) -> Iterator[str]:
    """Yield the section of a command, then those of its commands."""
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"\n## `{context.command_path}`\n\n```text\n{usage}\n```\n"
    yield f"\n{inspect.cleandoc(command.help or '')}\n"
    yield from options(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                with click.Context(found, parent=context, info_name=name) as inner:
                    yield from sections(inner)


def options(context: click.Context) -> Iterator[str]:
    """Yield the table of a command's options."""
    records = [
        record
        for option in context.command.params
        if isinstance(option, click.Option) and (record := option.get_help_record(context))
    ]
    if records:
        yield "\n| option | says |\n|---|---|\n"
    for names, said in records:
        yield f"| `{_cell(names)}` | {_cell(said)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    click.echo("".join(page()), nl=False)
