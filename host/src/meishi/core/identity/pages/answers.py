"""What pages of identity have in common: forms that come back, and browsers that are signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from meishi.core.identity.contract import OpenedSession, Sessions
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import HOME, browser, keep_session, redirect, render

#: Fields of forms hold no more than this.
_LONGEST = 2000


def field(name: str) -> str:
    """Return what was sent in a field of the form; nothing for a field that is not there."""
    return request.form.get(name, "")[:_LONGEST]


def token() -> str:
    """Return the secret of the link that led here, or that the form carries on."""
    return (request.form.get("token") or request.args.get("token", ""))[:_LONGEST]


def form(template: str, fault: DomainError | None = None, **values: Any) -> Response:
    """Return a form: empty, or with what was typed and what is wrong with it."""
    return render(
        f"identity/{template}",
        status=200 if fault is None else fault.status,
        fault="" if fault is None else fault.detail,
        typed=request.form,
        **values,
    )


def signed_in(opened: OpenedSession, onwards: str = HOME) -> Response:
    """Sign the browser in, and lead it on."""
    response = redirect(onwards)
    keep_session(response, opened.secret, opened.expires_at)
    return response


def open_session(user_id: UUID) -> OpenedSession:
    """Open a session for who has just proved to be somebody."""
    here = browser()
    return service(Sessions).open(user_id=user_id, user_agent=here.user_agent, address=here.address)


def my_id() -> UUID:
    """Return who is signed in."""
    found = current_actor().user_id
    assert found is not None
    return found
