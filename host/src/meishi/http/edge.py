"""The edge: what happens around every view, in this order and nowhere else.

Who calls? May they? Then one unit of work, entered as the plugin that owns the route,
committed when the view's answer is made and undone when anything raises. What only reads
shares it with the question who calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from meishi.context import Actor, Scope, current_scope, enter_scope, substitute_scope
from meishi.envelope import trace_of
from meishi.host import Host
from meishi.http.auditing import AuditTrail
from meishi.http.callers import identify
from meishi.http.idempotency import answer_once, answered_again, is_keyed, kept_before
from meishi.http.routes import Route
from meishi.refusals import Forbidden, PluginDisabled
from meishi.switches.across import not_told

#: Methods that bring no body and change nothing: the token is read in the view's transaction.
_READING = frozenset({"GET", "HEAD"})


class ViewFault(RuntimeError):
    """A view did something that must end neither the worker nor the shape of errors."""


def guarded(host: Host, route: Route, view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that nobody reaches it without a right to."""
    contribution = host.plugins.contributions[route.plugin]
    has_tables = contribution.versions is not None
    elsewhere = contribution.placement is not None
    trail = AuditTrail(route)

    @wraps(view)
    def handle(*args: Any, **kwargs: Any) -> Any:
        scope = Scope(
            host=host,
            work=host.unit_of_work(),
            actor=Actor(),
            workspace_id=None,
            correlation=correlation(host),
        )
        g.correlation = scope.correlation
        refuse_disabled(host, route.plugin, None)
        try:
            if elsewhere or request.method not in _READING or request.method in route.waiting:
                # The connection goes back: nobody holds one while a body comes in or somebody is
                # waited for, and a command is the first of its transaction.
                kept = None
                with enter_scope(scope):
                    scope = _authenticated(scope)
                    refuse_disabled(host, route.plugin, scope.workspace_id)
                    _admit(route, scope.actor)
                    if elsewhere and is_keyed():
                        kept = kept_before(scope)
                if kept is not None:
                    return answered_again(kept)
                scope = replace(scope, work=scope.work.sibling())
                answer = partial(_answer_as, trail, scope, view, args, kwargs)
                with enter_scope(scope):
                    once = is_keyed() and not elsewhere
                    return answer_once(scope, answer) if once else answer()
            if has_tables:
                scope.work.expect(route.plugin)
            with enter_scope(scope):
                scope = _authenticated(scope)
                refuse_disabled(host, route.plugin, scope.workspace_id)
                _admit(route, scope.actor)
                with substitute_scope(scope):
                    return _answer_as(trail, scope, view, args, kwargs)
        except Exception as error:
            trail.note_denied(scope, kwargs, error, alone=True)
            raise

    return handle


def _answer_as(
    trail: AuditTrail,
    scope: Scope,
    view: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Response:
    with scope.work.entered(trail.plugin):
        answer = answer_of(view, args, kwargs)
    trail.note(scope, kwargs, answer)
    return answer


def correlation(host: Host) -> UUID:
    """Return the trace that the request continues, or a new one; a wrong header is ignored."""
    header = request.headers.get("traceparent")
    return (trace_of(header) if header else None) or host.new_id()


def _authenticated(scope: Scope) -> Scope:
    """Return the scope of who calls, in their workspace."""
    actor, workspace = identify()
    scope.work.bind_workspace(workspace)
    return replace(scope, actor=actor, workspace_id=workspace)


def refuse_disabled(host: Host, plugin: str, workspace: UUID | None) -> None:
    """Raise `PluginDisabled` if a plugin is switched off, `RemoteCallError` if it is moved now.

    The latter, too, if a service was not told yet what is switched off.
    """
    host.refuse_held(plugin)
    if not host.is_on(plugin, workspace):
        if not host.switches.told:
            raise not_told(plugin)
        where = "here" if workspace is None else "in this workspace"
        raise PluginDisabled(f"The module {plugin} is switched off {where}.")


def _admit(route: Route, actor: Actor) -> None:
    needed = route.permissions[request.method]
    if needed not in actor.permissions:
        raise Forbidden(f"This needs the permission {needed}.")


def admitted(route: Route, view: Callable[..., Any]) -> Callable[..., Response]:
    """Wrap a view for who was let in already, in a unit of work; they need a right to it."""
    trail = AuditTrail(route)

    @wraps(view)
    def handle(**kwargs: Any) -> Response:
        scope = current_scope()
        try:
            _admit(route, scope.actor)
            answer = answer_of(view, (), kwargs)
        except Exception as error:
            trail.note_denied(scope, kwargs, error, alone=False)
            raise
        trail.note(scope, kwargs, answer)
        return answer

    return handle


def answer_of(view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Response:
    """Return a view's answer, made while what the view did can still be undone."""
    return current_app.make_response(run_view(view, args, kwargs))


def run_view(view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a view; whatever would end the server, and `abort(response)`, becomes a fault.

    Faults are answered like any other error.
    """
    try:
        return view(*args, **kwargs)
    except SystemExit as error:
        raise ViewFault(f"the view called sys.exit({error.code!r})") from error
    except HTTPException as error:
        if error.code is None or error.response is not None:
            raise ViewFault("the view aborted with a response of its own") from error
        raise
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise ViewFault(f"the view raised {type(error).__qualname__}") from error
