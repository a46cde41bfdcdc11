"""`meishi contacts`: address books from files and into files, and comparing contacts."""

from __future__ import annotations

import click

from crm_contacts.cli.dedupe import dedupe
from crm_contacts.cli.export import export
from crm_contacts.cli.importing import import_


@click.group()
def contacts() -> None:
    """People and organisations."""


contacts.add_command(dedupe)
contacts.add_command(export)
contacts.add_command(import_)
