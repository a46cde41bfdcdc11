"""`meishi viral`: a programme to try things out with."""

from __future__ import annotations

import click
import msgspec

from crm_viral.contract import Sample, SampleExists
from meishi.sdk.cli import OperatorError, working_in, workspace_option
from meishi.sdk.context import service


@click.group()
def viral() -> None:
    """Referral programmes."""


@viral.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
def sample(*, as_json: bool, workspace: str | None) -> None:
    """Begin a programme with a history of people who do not exist, to try things out.

    It opens accounts of theirs, which nobody can sign in to. Only in a workspace without programme.
    """
    with working_in(workspace, plugin="crm_viral") as session, session.unit_of_work():
        try:
            made = service(Sample).begin()
        except SampleExists as error:
            raise OperatorError(error.detail, hint="Use a workspace of its own.") from error
    if as_json:
        click.echo(msgspec.json.encode({"programme": made.id}).decode())
        return
    click.echo(f"{made.rules.name}: {made.spent} of {made.rules.budget} {made.rules.unit} granted.")
