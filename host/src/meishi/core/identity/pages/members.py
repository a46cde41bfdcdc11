"""The people of a workspace, and those who are invited."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response

from meishi.core.identity.contract import (
    InvalidAccount,
    InvitationNotFound,
    Invitations,
    LastOwner,
    MemberExists,
    MemberNotFound,
    Members,
    NotForThisRole,
    TooManyInvitations,
)
from meishi.core.identity.pages.answers import field, form, my_id
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError, Role
from meishi.sdk.mails import mail_folder
from meishi.sdk.pages import HOME, redirect, toast
from meishi.sdk.texts import gettext as _

_MEMBERS = "/identity/members"
_WRITE = "identity.members.write"


def members_page() -> Response:
    """List people and invitations."""
    return _page(None)


def change_role(user_id: UUID) -> Response:
    """Make somebody something else."""

    def change() -> str:
        service(Members).change_role(user_id, _role())
        return _("The role was changed.")

    return _done(change)


def remove_member(user_id: UUID) -> Response:
    """Take somebody out, or leave oneself, which everybody may."""
    oneself = user_id == my_id()
    if not oneself and _WRITE not in current_actor().permissions:
        return _page(NotForThisRole("You may leave, and take nobody else out."))

    def remove() -> str:
        service(Members).remove(user_id)
        return _("You have left the workspace.") if oneself else _("The member was taken out.")

    return _done(remove, HOME if oneself else _MEMBERS)


def invite() -> Response:
    """Invite somebody."""

    def create() -> str:
        service(Invitations).create(email=field("email"), role=_role())
        folder = mail_folder()
        if folder:
            return _("The invitation was written into %(folder)s.", folder=folder)
        return _("The invitation is on its way.")

    return _done(create)


def revoke_invitation(invitation_id: UUID) -> Response:
    """Take an invitation back."""

    def revoke() -> str:
        service(Invitations).revoke(invitation_id)
        return _("The invitation was taken back.")

    return _done(revoke)


def _done(do: Callable[[], str], onwards: str = _MEMBERS) -> Response:
    try:
        said = do()
    except (
        InvalidAccount,
        InvitationNotFound,
        LastOwner,
        MemberExists,
        MemberNotFound,
        NotForThisRole,
        TooManyInvitations,
    ) as error:
        return _page(error)
    toast(said)
    return redirect(onwards)


def _role() -> Role:
    wanted = field("role")
    if wanted not in set(Role):
        raise InvalidAccount(f"There is no role {wanted!r}.")
    return Role(wanted)


def _page(fault: DomainError | None) -> Response:
    may_write = _WRITE in current_actor().permissions
    people = service(Members).all()
    mine = next((item.role for item in people if item.user_id == my_id()), Role.VIEWER)
    ranks = list(Role)
    return form(
        "members.html",
        fault,
        members=people,
        invitations=service(Invitations).all() if may_write else (),
        may_write=may_write,
        me=my_id(),
        ranks=ranks,
        givable=ranks[ranks.index(mine) :],
    )
