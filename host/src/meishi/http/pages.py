"""Pages that anybody may open: the workspace is found first, then the view runs inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, TypeAlias
from uuid import UUID

from flask import Flask, Response, abort, g, request

from meishi.context import Actor, Scope, enter_scope, substitute_scope
from meishi.declarations import PublicPage
from meishi.host import Host
from meishi.http.edge import answer_of, correlation, refuse_disabled, run_view
from meishi.http.limits.rates import rate_limits
from meishi.http.problem_page import PAGE_ROOTS, first_part, problem_page
from meishi.http.public_forms import read_form, receive_form
from meishi.http.visits import mark_visits, shown_elsewhere, visit_from_main, visitor_from_main
from meishi.lifecycle.contribution import Contribution
from meishi.visitor import visited_by

_Resolve: TypeAlias = Callable[..., UUID | None]


def mount_pages(app: Flask, host: Host) -> None:
    """Serve the public pages of every active plugin."""
    app.extensions[PAGE_ROOTS] = {}
    mark_visits(app, host)
    for contribution in host.plugins.active():
        for page in contribution.public_pages:
            if page.resolve is None:
                continue
            app.extensions[PAGE_ROOTS][first_part(page.rule)] = problem_page
            app.add_url_rule(
                page.rule,
                f"public_page:{page.rule}",
                _guarded(host, contribution, page, page.resolve),
                methods=[*page.methods],
                provide_automatic_options=False,
            )


def _guarded(
    host: Host, contribution: Contribution, page: PublicPage, resolve: _Resolve
) -> Callable[..., Any]:
    """Return the view of a page with what happens before it; in a service the other side does."""
    plugin = contribution.plugin
    elsewhere = None if contribution.placement is None else shown_elsewhere(host, contribution)

    @wraps(page.view)
    def handle(**values: Any) -> Any:
        if host.settings.only:
            return handed_on(values)
        rate_limits().charge_stranger()
        refuse_disabled(host, plugin, None)
        if request.method == "POST":
            receive_form()
        anonymous = Scope(
            host=host,
            work=host.unit_of_work(),
            actor=Actor(visitor=True),
            workspace_id=None,
            correlation=correlation(host),
        )
        if elsewhere is None:
            return _shown(host, anonymous, plugin, page.view, resolve, values)
        g.correlation = anonymous.correlation
        with enter_scope(anonymous):
            return elsewhere()

    def handed_on(values: dict[str, Any]) -> Any:
        scope = visit_from_main(host)
        refuse_disabled(host, plugin, None)
        if request.method == "POST":
            read_form()
        with visited_by(visitor_from_main()):
            return _shown(host, scope, plugin, page.view, resolve, values)

    return handle


def _shown(
    host: Host,
    anonymous: Scope,
    plugin: str,
    view: Callable[..., Any],
    resolve: _Resolve,
    values: dict[str, Any],
) -> Response:
    """Show a page to who is in no workspace yet, in the one that it belongs to."""
    g.correlation = anonymous.correlation
    with enter_scope(anonymous), anonymous.work.entered(plugin):
        workspace = run_view(resolve, (), values)
        if workspace is None:
            abort(404)
        refuse_disabled(host, plugin, workspace)
        anonymous.work.bind_workspace(workspace)
        with substitute_scope(replace(anonymous, workspace_id=workspace)):
            return answer_of(view, (), values)
