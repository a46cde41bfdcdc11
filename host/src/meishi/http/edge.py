"""The edge: what happens around every view, in this order and nowhere else.

Who calls? May they? Then one unit of work, entered as the plugin that owns the route,
committed when the view returns and undone when it raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import HTTPException

from meishi.context import Actor, Scope, enter_scope, substitute_scope
from meishi.core.identity.contract import Tokens
from meishi.host import Host
from meishi.http.problems import Forbidden, Unauthenticated
from meishi.http.routes import Route

BEARER = "bearer"


class ViewFault(RuntimeError):
    """A view did something that must end neither the worker nor the shape of errors."""


def guarded(host: Host, route: Route, view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that nobody reaches it without a right to."""

    @wraps(view)
    def handle(*args: Any, **kwargs: Any) -> Any:
        anonymous = Scope(
            host=host,
            work=host.unit_of_work(),
            actor=Actor(),
            workspace_id=None,
            correlation=host.new_id(),
        )
        with enter_scope(anonymous):
            actor, workspace = _authenticate(host)
            _authorise(actor, route.permissions[request.method])
            anonymous.work.bind_workspace(workspace)
            scope = replace(anonymous, actor=actor, workspace_id=workspace)
            with substitute_scope(scope), scope.work.entered(route.plugin):
                return run_view(view, args, kwargs)

    return handle


def run_view(view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a view; `sys.exit` and `abort(response)` become faults, answered like any other."""
    try:
        return view(*args, **kwargs)
    except SystemExit as error:
        raise ViewFault(f"the view called sys.exit({error.code!r})") from error
    except HTTPException as error:
        if error.code is None or error.response is not None:
            raise ViewFault("the view aborted with a response of its own") from error
        raise


def _authenticate(host: Host) -> tuple[Actor, UUID]:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != BEARER:
        raise Unauthenticated("Send an API token: `Authorization: Bearer msh_…`.")
    principal = host.calls.get(Tokens).resolve(secret.strip())
    if principal is None:
        raise Unauthenticated("The token is unknown, expired or revoked.")
    permissions = host.permissions_of(principal.role)
    if principal.scopes is not None:
        permissions &= principal.scopes
    actor = Actor(user_id=principal.user_id, token_id=principal.token_id, permissions=permissions)
    return actor, principal.workspace_id


def _authorise(actor: Actor, permission: str) -> None:
    if permission not in actor.permissions:
        raise Forbidden(f"This needs the permission {permission}.")
