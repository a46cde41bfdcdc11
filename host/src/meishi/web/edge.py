"""The edge of pages: what happens around every view, in this order and nowhere else.

Who sits at the browser? May they? Was the form sent by us? Then one unit of work, entered as the
plugin that owns the page, committed when the page is made and undone when anything raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from itertools import chain
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import BadRequest

from meishi.context import Actor, Scope, enter_scope
from meishi.declarations import Page, PublicPage
from meishi.host import Host
from meishi.http.asked import scope_of
from meishi.http.bodies import read_body
from meishi.http.callers import acting_at_main
from meishi.http.edge import answer_of, correlation, refuse_disabled
from meishi.http.forgery import refuse_forged_form
from meishi.http.limits.rates import rate_limits
from meishi.http.problem_page import APART
from meishi.http.problems import Unauthenticated
from meishi.http.public_forms import limit_form
from meishi.http.sessions import actor_of, session_of_request
from meishi.http.visits import visit_from_main, visitor_from_main
from meishi.lifecycle.contribution import Contribution
from meishi.reader import reading
from meishi.refusals import Forbidden
from meishi.remote.wire import ACTING, READER, UnreadableHeader, read_reader
from meishi.visitor import visited_by
from meishi.web.navigation import permission_of
from meishi.web.page_trail import PageTrail
from meishi.web.panels import PARAMETER, answer_panel
from meishi.web.redirects import redirect, to_sign_in
from meishi.web.rendering import finish_page

#: Where somebody who is in no workspace chooses one, or makes it.
WORKSPACES = "/identity/workspaces"


def guarded_page(host: Host, owner: Contribution, page: Page) -> Callable[..., Response]:
    """Wrap the view of a page so that nobody reaches it without a right to."""
    needed = permission_of(owner, page)
    full_name = f"{owner.plugin}.{page.name}"
    trail = PageTrail(owner.plugin, page.name, needed)

    @wraps(page.view)
    def handle(**values: Any) -> Response:
        g.meishi_page = full_name, page.title
        _as_read()
        if ACTING in request.headers:
            acting = acting_at_main()
            if acting is None:
                rate_limits().charge_stranger()
                raise Unauthenticated("Send the token by which this service knows you.")
            refuse_disabled(host, owner.plugin, acting.workspace)
            return _for_main(scope_of(host, acting), owner.plugin, needed, page.view, values)
        scope = visited(host)
        if scope is None:
            return finish_page(to_sign_in())
        if needed is not None and scope.workspace_id is None:
            return finish_page(redirect(WORKSPACES))
        refuse_disabled(host, owner.plugin, scope.workspace_id)
        try:
            if needed is not None and needed not in scope.actor.permissions:
                raise Forbidden(f"This needs the permission {needed}.")
            if owner.placement is not None:
                # What reads the form of it leaves nothing to hand on.
                read_body()
            refuse_forged_form()
            _refuse_nul(values)
            view = page.view
            if PARAMETER in request.args and request.method == "GET":
                view = partial(_panel, host, full_name, request.args[PARAMETER])
            return _answered(scope, owner.plugin, view, values, trail)
        except Exception as error:
            trail.note_denied(scope, values, error)
            raise

    return handle


def _for_main(
    scope: Scope,
    plugin: str,
    needed: str | None,
    view: Callable[..., Any],
    values: dict[str, Any],
) -> Response:
    """Answer the main deployment, which has let somebody in, with what stands in its shell."""
    g.correlation = scope.correlation
    setattr(g, APART, True)
    if needed is not None and needed not in scope.actor.permissions:
        raise Forbidden(f"This needs the permission {needed}.")
    _refuse_nul(values)
    try:
        reader = read_reader(request.headers.get(READER, ""))
    except UnreadableHeader as error:
        raise BadRequest(str(error)) from error
    with reading(reader), visited_by(visitor_from_main()):
        return _answered(scope, plugin, view, values)


def guarded_entrance(host: Host, owner: Contribution, page: PublicPage) -> Callable[..., Response]:
    """Wrap the view of a page that belongs to no workspace and is open to strangers."""

    @wraps(page.view)
    def handle(**values: Any) -> Response:
        g.meishi_page = owner.plugin, ""
        _as_read()
        if host.settings.only:
            acting = visit_from_main(host)
            refuse_disabled(host, owner.plugin, None)
            return _for_main(acting, owner.plugin, None, page.view, values)
        scope = visited(host)
        if scope is None:
            rate_limits().charge_stranger()
            limit_form()
            scope = _scope(host, Actor(visitor=True))
        refuse_disabled(host, owner.plugin, None)
        if owner.placement is not None:
            read_body()
        refuse_forged_form()
        _refuse_nul(values)
        return _answered(replace(scope, workspace_id=None), owner.plugin, page.view, values)

    return handle


def _panel(host: Host, page: str, wanted: str, **values: Any) -> Response:
    return answer_panel(host, page, wanted, values)


def _as_read() -> None:
    """Let a view see HEAD as GET: one that takes forms has to tell reading from sending alone."""
    if request.method == "HEAD":
        request.method = "GET"


def _refuse_nul(values: Mapping[str, Any]) -> None:
    """Answer 400 for the character that no text in the database has."""
    sent = chain(request.values.items(multi=True), values.items())
    if any(isinstance(text, str) and "\0" in text for pair in sent for text in pair):
        raise BadRequest("The character U+0000 is no text.")


def _answered(
    scope: Scope,
    plugin: str,
    view: Callable[..., Any],
    values: dict[str, Any],
    trail: PageTrail | None = None,
) -> Response:
    work = scope.work.sibling()
    work.bind_workspace(scope.workspace_id)
    inside = replace(scope, work=work)
    with enter_scope(inside):
        with work.entered(plugin):
            response = finish_page(answer_of(view, (), values))
        if trail is not None:
            trail.note(inside, values, response)
        return response


def visited(host: Host) -> Scope | None:
    """Return the scope of who is signed in; None for a stranger."""
    scope = _scope(host, Actor())
    g.correlation = scope.correlation
    with enter_scope(scope):
        session = session_of_request(host)
    if session is None:
        return None
    actor, workspace = actor_of(host, session)
    rate_limits().charge_caller(session.session_id, workspace or session.user_id)
    scope.work.bind_workspace(workspace)
    return replace(scope, actor=actor, workspace_id=workspace)


def _scope(host: Host, actor: Actor) -> Scope:
    return Scope(
        host=host,
        work=host.unit_of_work(),
        actor=actor,
        workspace_id=None,
        correlation=correlation(host),
    )
