"""`meishi contacts`: address books from and into files, comparing contacts, and their end."""

from __future__ import annotations

import click

from crm_contacts.cli.dedupe import dedupe
from crm_contacts.cli.export import export
from crm_contacts.cli.importing import import_
from crm_contacts.cli.purge import purge


@click.group()
def contacts() -> None:
    """People and organisations."""


contacts.add_command(dedupe)
contacts.add_command(export)
contacts.add_command(import_)
contacts.add_command(purge)
