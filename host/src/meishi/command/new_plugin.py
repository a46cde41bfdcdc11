"""`meishi new-plugin`: a package with every module of the pattern, whose tests pass at once."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="The folder to make; default: NAME, in the working directory.",
)
@click.pass_context
def new_plugin(context: click.Context, *, name: str, folder: Path | None) -> None:
    """Write the package of a new plugin NAME, with tests that pass."""
    from meishi.new_plugin.names import checked_name
    from meishi.new_plugin.package import write_package

    program = context.find_root().command
    assert isinstance(program, click.Group)
    target = folder or Path(name)
    write_package(checked_name(name, program.commands), target)
    click.echo(f"Wrote {target}. Go on with: cd {shlex.quote(str(target))} && make test")
