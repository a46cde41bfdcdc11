"""`meishi tokens`: API tokens of a workspace's members, and of operators."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING
from uuid import UUID

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.text import moment, printable
from meishi.command.output import print_json, print_table
from meishi.command.session import working_in, workspace_option
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError

if TYPE_CHECKING:
    from meishi.core.identity.contract import Token

_PLUGIN = "identity"
_HEADERS = ("id", "name", "member", "scopes", "operator", "created", "expires", "revoked")

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def tokens() -> None:
    """Issue, list and revoke API tokens."""


@tokens.command()
@workspace_option
@click.option("--email", required=True, help="Of the member whose token it is.")
@click.option("--name", default="token", show_default=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, metavar="PERMISSION", help="No more than these.")
@click.option("--operator", is_flag=True, help="Also what is for those who run the deployment.")
@click.option("--days", type=click.IntRange(1, 36_500), help="It ends after so many days.")
@_json
def issue(
    *,
    workspace: str | None,
    email: str,
    name: str,
    scopes: tuple[str, ...],
    operator: bool,
    days: int | None,
    as_json: bool,
) -> None:
    """Create a token of a member, and print its secret this once."""
    from meishi.audit.entry import Resource
    from meishi.audit.noting import note
    from meishi.core.identity.contract import Tokens, Workspaces

    host = current_deployment().host()
    _require_known(scopes)
    expires_at = None if days is None else host.clock() + timedelta(days=days)
    with working_in(workspace, plugin=_PLUGIN) as session:
        try:
            with session.unit_of_work():
                member = host.service(Workspaces).member(email)
                token = host.service(Tokens).issue(
                    user_id=member.id,
                    name=name,
                    scopes=frozenset(scopes) or None,
                    expires_at=expires_at,
                    operator=operator,
                )
                note("token-issued", resource=Resource(type="tokens", id=str(token.id)))
        except DomainError as error:
            raise OperatorError(error.detail) from error
    if as_json:
        print_json({"id": token.id, "token": token.secret})
    else:
        click.echo(f"Token {token.id} of {member.email}, shown this once: {token.secret}")


@tokens.command()
@click.argument("token", metavar="ID", type=click.UUID)
@workspace_option
@_json
def revoke(*, token: UUID, workspace: str | None, as_json: bool) -> None:
    """End the token ID; requests that bring it are refused from now on."""
    from meishi.audit.entry import Resource
    from meishi.audit.noting import note
    from meishi.core.identity.contract import Tokens

    with working_in(workspace, plugin=_PLUGIN) as session:
        try:
            with session.unit_of_work():
                current_deployment().host().service(Tokens).revoke(token)
                note("token-revoked", resource=Resource(type="tokens", id=str(token)))
        except DomainError as error:
            hint = "`meishi tokens list` shows all of a workspace."
            raise OperatorError(error.detail, hint=hint) from error
    if as_json:
        print_json({"id": token})
    else:
        click.echo(f"Token {token} is revoked.")


@tokens.command("list")
@workspace_option
@_json
def list_tokens(*, workspace: str | None, as_json: bool) -> None:
    """List the tokens of a workspace, ended ones too; secrets are kept nowhere."""
    from meishi.core.identity.contract import Tokens

    with working_in(workspace, plugin=_PLUGIN) as session, session.unit_of_work():
        found = current_deployment().host().service(Tokens).all()
    if as_json:
        print_json({"items": found})
    elif found:
        print_table(_HEADERS, [_row(item) for item in found])
    else:
        click.echo("There is no token.")


def _require_known(scopes: Collection[str]) -> None:
    """Raise if no active plugin has a permission that is named."""
    active = current_deployment().plugins.active()
    known = sorted(name for item in active for name in item.permission_names())
    for scope in scopes:
        if scope not in known:
            close = get_close_matches(scope, known, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(known)}."
            raise OperatorError(f"There is no permission {scope!r}.", hint=hint)


def _row(item: Token) -> tuple[str, ...]:
    scopes = "all of the role" if item.scopes is None else ", ".join(sorted(item.scopes))
    return (
        str(item.id),
        printable(item.name),
        item.email,
        scopes,
        "yes" if item.operator else "",
        moment(item.created_at),
        moment(item.expires_at),
        moment(item.revoked_at),
    )
