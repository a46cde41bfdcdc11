"""What a supervisor does for the embedded database: look after it."""

from __future__ import annotations

import click

from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError

#: Seconds between two looks at the embedded database.
LOOK_AFTER = 1.0


def look_after(database: EmbeddedPostgres) -> None:
    """Start the database again if it was lost together with its keeper."""
    try:
        if database.ensure_running():
            click.echo("The embedded PostgreSQL was lost and started again.", err=True)
    except OperatorError as error:
        click.echo(f"{error.message} {error.hint}", err=True)
