"""`meishi doctor`: what is out of order, and the command that mends each thing."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json


@click.command()
@click.option("--network", is_flag=True, help="Call the mail server, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(context: click.Context, *, network: bool, as_json: bool) -> None:
    """Look for what is out of order; exit code 1 if there is anything. Nothing is changed."""
    from meishi.doctor.examination import examine

    deployment = current_deployment()
    host = deployment.unwired_host()
    host.check_migrations()
    findings = list(examine(host, network=network))
    if as_json:
        print_json({"findings": findings})
    else:
        for finding in findings:
            click.echo(f"{finding.severity.value}: {finding.plugin}: {finding.message}")
            click.echo(f"  {finding.command}")
        if not findings:
            click.echo("Nothing is out of order.")
    context.exit(1 if findings else 0)
