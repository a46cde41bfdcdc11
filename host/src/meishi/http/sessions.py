"""Who sits at the browser: asked for each request, so that a session that was ended has ended."""

from __future__ import annotations

from uuid import UUID

from meishi.context import Actor
from meishi.core.identity.contract import SessionPrincipal, Sessions
from meishi.host import Host
from meishi.http.cookies import SESSION_COOKIE, cookie


def session_of_request(host: Host) -> SessionPrincipal | None:
    """Return whose session the browser has, and note its use; None for a stranger's."""
    secret = cookie(SESSION_COOKIE)
    if secret is None:
        return None
    found = host.calls.get(Sessions).resolve(secret)
    if found is not None and found.stale:
        host.calls.get(Sessions).touch(found.session_id)
    return found


def actor_of(host: Host, session: SessionPrincipal) -> tuple[Actor, UUID | None]:
    """Return who acts in a session and in which workspace, with what they may do there."""
    permissions: frozenset[str] = frozenset()
    if session.role is not None:
        permissions = host.permissions_of(session.role, operator=session.operator)
    actor = Actor(user_id=session.user_id, session_id=session.session_id, permissions=permissions)
    return actor, session.workspace_id
