"""The command `python -m meishi.testing.texts [PLUGIN ...]`."""

from __future__ import annotations

import click

from meishi.testing.texts.checking import catalogue_faults
from meishi.testing.texts.updating import sources, update


@click.command()
@click.argument("plugins", nargs=-1)
@click.pass_context
def main(context: click.Context, plugins: tuple[str, ...]) -> None:
    """Bring the catalogues of PLUGINS up to date, or of everything that is installed.

    What is still to be translated is named.
    """
    faults = []
    for source in sources():
        if not plugins or source.name in plugins:
            update(source)
            faults += catalogue_faults(source)
    for fault in faults:
        click.echo(fault)
    context.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
