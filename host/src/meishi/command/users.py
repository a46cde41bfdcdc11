"""`meishi users`: the people of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.text import moment, printable
from meishi.command.output import print_json, print_table
from meishi.command.session import working_in, workspace_option
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError, Role

if TYPE_CHECKING:
    from meishi.core.identity.contract import Invitation, Member

_PLUGIN = "identity"
_HEADERS = ("id", "email", "name", "role", "joined", "invited until")
_ROLES = click.Choice([role.value for role in Role])
_HINT = "`meishi users list` shows who is there."

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def users() -> None:
    """List, invite, change and take out the people of a workspace."""


@users.command("list")
@workspace_option
@_json
def list_users(*, workspace: str | None, as_json: bool) -> None:
    """List the people of a workspace, and who is invited."""
    from meishi.core.identity.contract import Invitations, Members

    host = current_deployment().host()
    with working_in(workspace, plugin=_PLUGIN) as session, session.unit_of_work():
        members = host.service(Members).all()
        invitations = host.service(Invitations).all()
    if as_json:
        print_json({"items": [_shown(item) for item in members], "invitations": invitations})
    elif members or invitations:
        print_table(_HEADERS, [*map(_member_row, members), *map(_invitation_row, invitations)])
    else:
        click.echo("There is nobody.")


@users.command()
@click.argument("email")
@workspace_option
@click.option("--role", type=_ROLES, default=Role.MEMBER.value, show_default=True, help="Theirs.")
@_json
def invite(*, email: str, workspace: str | None, role: str, as_json: bool) -> None:
    """Mail EMAIL a link that lets them join; `meishi worker` sends it."""
    from meishi.core.identity.contract import Invitations

    with _changing(workspace):
        made = current_deployment().host().service(Invitations).create(email=email, role=Role(role))
        _note("member-invited", "invitations", made.id)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.email} is invited as {role}, until {moment(made.expires_at)}.")


@users.command("role")
@click.argument("email")
@click.argument("role", type=_ROLES)
@workspace_option
@_json
def change_role(*, email: str, role: str, workspace: str | None, as_json: bool) -> None:
    """Make the member EMAIL something else: ROLE."""
    from meishi.core.identity.contract import Members, Workspaces

    host = current_deployment().host()
    with _changing(workspace):
        user = host.service(Workspaces).member(email)
        member = host.service(Members).change_role(user.id, Role(role))
        _note("member-role-changed", "members", user.id)
    if as_json:
        print_json(_shown(member))
    else:
        click.echo(f"{member.email} is {role} now.")


@users.command()
@click.argument("email")
@workspace_option
@_json
def remove(*, email: str, workspace: str | None, as_json: bool) -> None:
    """Take the member EMAIL out; their tokens of the workspace end, their account stays."""
    from meishi.core.identity.contract import Members, Workspaces

    host = current_deployment().host()
    with _changing(workspace):
        user = host.service(Workspaces).member(email)
        host.service(Members).remove(user.id)
        _note("member-removed", "members", user.id)
    if as_json:
        print_json({"id": user.id, "email": user.email})
    else:
        click.echo(f"{user.email} is no member any more.")


@contextmanager
def _changing(workspace: str | None) -> Iterator[None]:
    """Work in a workspace, in one unit of work; what is refused is told in a line."""
    with working_in(workspace, plugin=_PLUGIN) as session:
        try:
            with session.unit_of_work():
                yield
        except DomainError as error:
            raise OperatorError(error.detail, hint=_HINT) from error


def _note(action: str, kind: str, found: UUID) -> None:
    from meishi.audit.entry import Resource
    from meishi.audit.noting import note

    note(action, resource=Resource(type=kind, id=str(found)))


def _shown(item: Member) -> dict[str, object]:
    return {
        "id": item.user_id,
        "email": item.email,
        "name": item.name,
        "role": item.role,
        "joined_at": item.joined_at,
    }


def _member_row(item: Member) -> tuple[str, ...]:
    joined = moment(item.joined_at)
    return (str(item.user_id), item.email, printable(item.name), item.role.value, joined, "")


def _invitation_row(item: Invitation) -> tuple[str, ...]:
    return (str(item.id), item.email, "", item.role.value, "", moment(item.expires_at))
