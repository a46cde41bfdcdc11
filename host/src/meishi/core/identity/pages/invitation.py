"""Accepting an invitation: with the account one has, or with a new one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from meishi.core.identity.contract import (
    Accounts,
    InvalidAccount,
    InvitationForAnother,
    Invitations,
    LinkInvalid,
    MemberExists,
    Sessions,
    WeakPassword,
)
from meishi.core.identity.pages.answers import field, form, my_id, open_session, signed_in, token
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import HOME, redirect, render, toast
from meishi.sdk.texts import gettext as _


def invitation_page() -> Response:
    """Show what one is invited to, and join."""
    try:
        if request.method == "GET":
            return _offer(None)
        return _accepted() if current_actor().user_id is not None else _joined()
    except LinkInvalid:
        return render(
            "identity/gone.html",
            status=410,
            title=_("Invitation not valid"),
            onwards=HOME,
            there=_("To the start"),
        )
    except (InvalidAccount, InvitationForAnother, MemberExists, WeakPassword) as error:
        return _offer(error)


def _accepted() -> Response:
    workspace = service(Invitations).accept(token(), user_id=my_id())
    _look_at(workspace)
    toast(_("You have joined the workspace."))
    return redirect(HOME)


def _joined() -> Response:
    user_id = service(Invitations).join(
        token(), email=field("email"), name=field("name"), password=field("password")
    )
    toast(_("Welcome! You have joined the workspace."))
    return signed_in(open_session(user_id))


def _look_at(workspace: UUID) -> None:
    session_id = current_actor().session_id
    if session_id is not None:
        service(Sessions).switch(session_id=session_id, user_id=my_id(), workspace_id=workspace)


def _offer(fault: DomainError | None) -> Response:
    offer = service(Invitations).offer(token())
    user_id = current_actor().user_id
    return form(
        "invitation.html",
        fault,
        title=_("You are invited"),
        token=token(),
        offer=offer,
        email=request.args.get("email", "") or field("email"),
        account=None if user_id is None else service(Accounts).get(user_id),
        here=request.full_path if request.method == "GET" else "",
    )
