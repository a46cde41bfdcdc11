"""`meishi init`: the first workspace, its owner and a token to begin with."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError


@click.command()
@click.option("--email", default="owner@example.com", show_default=True, help="The owner's.")
@click.option("--name", "owner_name", default="Owner", show_default=True, help="The owner's.")
@click.option("--workspace", "slug", default="main", show_default=True, help="Its slug.")
@click.option("--title", default="Main workspace", show_default=True, help="The workspace's name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def init(*, email: str, owner_name: str, slug: str, title: str, as_json: bool) -> None:
    """Create a workspace with its owner, and print an API token once."""
    from meishi.core.identity.contract import Tokens, Workspaces

    host = current_deployment().host()
    workspace = host.new_id()
    try:
        with host.scope(workspace=workspace):
            owner = host.calls.get(Workspaces).found(
                slug=slug, name=title, owner_email=email, owner_name=owner_name
            )
            token = host.calls.get(Tokens).issue(user_id=owner.id, name="first token")
    except DomainError as error:
        raise OperatorError(error.detail, hint="`meishi init --help` lists the options.") from error
    if as_json:
        print_json({"workspace": slug, "workspace_id": workspace, "token": token.secret})
        return
    click.echo(f"Workspace {slug!r} with its owner {owner.email} is ready.")
    click.echo(f"API token, shown this once: {token.secret}")
    click.echo("Next: `meishi serve`, then send it as `Authorization: Bearer <token>`.")
