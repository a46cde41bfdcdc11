"""One's sessions: where one is signed in, and ending that."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from meishi.core.identity.contract import SessionNotFound, Sessions
from meishi.core.identity.pages.answers import my_id
from meishi.sdk.context import current_actor, service
from meishi.sdk.pages import ToastKind, redirect, render, toast
from meishi.sdk.texts import gettext as _

_SESSIONS = "/identity/sessions"


def sessions_page() -> Response:
    """List sessions."""
    found = service(Sessions).of_user(my_id())
    return render("identity/sessions.html", sessions=found, current=current_actor().session_id)


def revoke_session(session_id: UUID) -> Response:
    """End a session."""
    try:
        service(Sessions).revoke(user_id=my_id(), session_id=session_id)
    except SessionNotFound:
        toast(_("This session had ended already."), ToastKind.WARNING)
    else:
        toast(_("The session has ended."))
    return redirect(_SESSIONS)


def revoke_others() -> Response:
    """End all sessions but this one."""
    session_id = current_actor().session_id
    assert session_id is not None
    service(Sessions).revoke_others(user_id=my_id(), session_id=session_id)
    toast(_("All other sessions have ended."))
    return redirect(_SESSIONS)
