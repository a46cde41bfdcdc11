"""The workspaces that one is in: going from one to another, and making a new one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from meishi.core.identity.contract import (
    Accounts,
    InvalidAccount,
    NotAMember,
    Sessions,
    SlugTaken,
)
from meishi.core.identity.pages.answers import field, form, my_id
from meishi.sdk.context import current_actor, service
from meishi.sdk.pages import HOME, redirect, toast
from meishi.sdk.texts import gettext as _


def workspaces_page() -> Response:
    """List workspaces, and make one."""
    if request.method == "GET":
        return form("workspaces.html")
    try:
        workspace = service(Accounts).found_workspace(
            user_id=my_id(), slug=field("slug"), name=field("name")
        )
    except (InvalidAccount, SlugTaken) as error:
        return form("workspaces.html", error)
    return switch_workspace(workspace)


def switch_workspace(workspace_id: UUID) -> Response:
    """Go to another workspace, in this browser."""
    session_id = current_actor().session_id
    assert session_id is not None
    try:
        service(Sessions).switch(session_id=session_id, user_id=my_id(), workspace_id=workspace_id)
    except NotAMember as error:
        return form("workspaces.html", error)
    toast(_("You are in another workspace now."))
    return redirect(HOME)
