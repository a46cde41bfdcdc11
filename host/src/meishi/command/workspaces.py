"""`meishi workspaces`: the tenants of the deployment."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.text import printable
from meishi.command.output import print_json, print_table
from meishi.command.session import working_in
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def workspaces() -> None:
    """List, create and rename workspaces."""


@workspaces.command("list")
@_json
def list_workspaces(*, as_json: bool) -> None:
    """List the workspaces of the deployment, oldest first."""
    from meishi.core.identity.contract import Workspaces

    host = current_deployment().host()
    with host.scope():
        found = host.service(Workspaces).all()
    if as_json:
        items = [{"id": item.id, "slug": item.slug, "name": item.name} for item in found]
        print_json({"items": items})
    elif found:
        rows = [(str(item.id), item.slug, printable(item.name)) for item in found]
        print_table(("id", "slug", "name"), rows)
    else:
        click.echo("There is no workspace yet. `meishi init` creates the first.")


@workspaces.command()
@click.argument("slug")
@click.option("--email", required=True, help="The owner's; an account is made if there is none.")
@click.option("--owner", default="Owner", show_default=True, help="The name of a new owner.")
@click.option("--title", help="The workspace's name; without it, the slug.")
@_json
def create(*, slug: str, email: str, owner: str, title: str | None, as_json: bool) -> None:
    """Create the workspace SLUG with its owner; `meishi tokens issue` makes a token of theirs."""
    from meishi.core.identity.contract import Workspaces

    host = current_deployment().host()
    workspace = host.new_id()
    try:
        with host.scope(workspace=workspace):
            user = host.service(Workspaces).found(
                slug=slug,
                name=slug if title is None else title,
                owner_email=email,
                owner_name=owner,
            )
    except DomainError as error:
        hint = "`meishi workspaces list` shows what there is."
        raise OperatorError(error.detail, hint=hint) from error
    if as_json:
        print_json({"id": workspace, "slug": slug, "owner": user.email})
    else:
        click.echo(f"Workspace {slug!r} with its owner {user.email} is ready.")


@workspaces.command()
@click.argument("slug")
@click.option("--slug", "new_slug", metavar="SLUG", help="What commands call it from now on.")
@click.option("--title", help="The workspace's new name.")
@_json
def rename(*, slug: str, new_slug: str | None, title: str | None, as_json: bool) -> None:
    """Give the workspace SLUG another slug or name."""
    from meishi.audit.entry import Resource
    from meishi.audit.noting import note
    from meishi.core.identity.contract import Workspaces

    if new_slug is None and title is None:
        raise OperatorError("Nothing is to be changed.", hint="Give --slug, --title, or both.")
    with working_in(slug, plugin="identity") as session:
        try:
            with session.unit_of_work():
                workspaces = current_deployment().host().service(Workspaces)
                found = workspaces.change(slug=new_slug, name=title)
                note("workspace-renamed", resource=Resource(type="workspace", id=str(found.id)))
        except DomainError as error:
            hint = "`meishi workspaces list` shows what there is."
            raise OperatorError(error.detail, hint=hint) from error
    if as_json:
        print_json({"id": found.id, "slug": found.slug, "name": found.name})
    else:
        click.echo(f"The workspace is {found.slug!r} now: {printable(found.name)}")
