"""The command `python -m meishi.testing.imports [PACKAGE ...]`."""

from __future__ import annotations

import click

from meishi.testing.imports.checking import import_breaches


@click.command()
@click.argument("packages", nargs=-1)
@click.pass_context
def main(context: click.Context, packages: tuple[str, ...]) -> None:
    """Check the imports of PACKAGES, or of everything that is installed."""
    breaches = import_breaches(packages)
    for breach in breaches:
        click.echo(str(breach))
    context.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
