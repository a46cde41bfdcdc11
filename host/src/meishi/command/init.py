"""`meishi init`: the first workspace, its owner and a token to begin with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError

if TYPE_CHECKING:
    from meishi.host import Host


@click.command()
@click.option("--email", default="owner@example.com", show_default=True, help="The owner's.")
@click.option("--name", "owner_name", default="Owner", show_default=True, help="The owner's.")
@click.option("--workspace", "slug", default="main", show_default=True, help="Its slug.")
@click.option("--title", default="Main workspace", show_default=True, help="The workspace's name.")
@click.option("--with-password", is_flag=True, help="Ask for a password for the owner.")
@click.option("--link", is_flag=True, help="Only print the link of the set-up page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def init(
    *,
    email: str,
    owner_name: str,
    slug: str,
    title: str,
    with_password: bool,
    link: bool,
    as_json: bool,
) -> None:
    """Create a workspace with its owner, and print an API token once.

    Without a password the owner cannot sign in yet: the link of the set-up page gives them one.
    """
    from meishi.core.identity.contract import Setup, Tokens, Workspaces

    host = current_deployment().host()
    if link:
        _print_link(host, as_json=as_json)
        return
    password = _asked() if with_password else None
    workspace = host.new_id()
    try:
        with host.scope(workspace=workspace):
            owner = host.calls.get(Workspaces).found(
                slug=slug, name=title, owner_email=email, owner_name=owner_name
            )
            token = host.calls.get(Tokens).issue(user_id=owner.id, name="first token")
            if password is not None:
                host.calls.get(Setup).give_password(email=owner.email, password=password)
    except DomainError as error:
        raise OperatorError(error.detail, hint="`meishi init --help` lists the options.") from error
    if as_json:
        print_json({"workspace": slug, "workspace_id": workspace, "token": token.secret})
        return
    click.echo(f"Workspace {slug!r} with its owner {owner.email} is ready.")
    click.echo(f"API token, shown this once: {token.secret}")
    click.echo("Next: `meishi serve`, then send it as `Authorization: Bearer <token>`.")


def _print_link(host: Host, *, as_json: bool) -> None:
    from meishi.core.identity.contract import AlreadySetUp, Setup

    try:
        with host.scope():
            link = host.calls.get(Setup).link()
    except AlreadySetUp as error:
        raise OperatorError(
            error.detail, hint="They invite others; a forgotten password is replaced by mail."
        ) from error
    if as_json:
        print_json({"link": link})
    else:
        click.echo(link)


def _asked() -> str:
    """Return a password from the terminal, unseen, or the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
