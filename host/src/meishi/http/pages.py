"""Pages that anybody may open: the workspace is found first, then the view runs inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, abort, g, request

from meishi.context import Actor, Scope, enter_scope, substitute_scope
from meishi.declarations import PublicPage
from meishi.host import Host
from meishi.http.edge import answer_of, correlation, refuse_disabled, run_view
from meishi.http.limits.rates import rate_limits
from meishi.http.problem_page import PAGE_ROOTS, first_part, problem_page
from meishi.http.public_forms import receive_form


def mount_pages(app: Flask, host: Host) -> None:
    """Serve the public pages of every active plugin."""
    app.extensions[PAGE_ROOTS] = {}
    for contribution in host.plugins.active():
        for page in contribution.public_pages:
            if page.resolve is None:
                continue
            app.extensions[PAGE_ROOTS][first_part(page.rule)] = problem_page
            app.add_url_rule(
                page.rule,
                f"public_page:{page.rule}",
                _guarded(host, contribution.plugin, page, page.resolve),
                methods=[*page.methods],
                provide_automatic_options=False,
            )


def _guarded(
    host: Host, plugin: str, page: PublicPage, resolve: Callable[..., UUID | None]
) -> Callable[..., Any]:
    @wraps(page.view)
    def handle(**values: Any) -> Any:
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
        g.correlation = anonymous.correlation
        with enter_scope(anonymous), anonymous.work.entered(plugin):
            workspace = run_view(resolve, (), values)
            if workspace is None:
                abort(404)
            refuse_disabled(host, plugin, workspace)
            anonymous.work.bind_workspace(workspace)
            with substitute_scope(replace(anonymous, workspace_id=workspace)):
                return answer_of(page.view, (), values)

    return handle
