"""Problems as people read them in the console."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, g

from meishi.context import Actor, Scope, enter_scope
from meishi.http.problem_page import problem_page
from meishi.web.rendering import current_renderer, finish_page
from meishi.web.texts import gettext


def console_problem(status: int, title: str, detail: str | None) -> Response:
    """Return a problem as a page of the console, with what operators find it by in the log."""
    renderer = current_renderer()
    host = renderer.host
    scope = Scope(
        host=host,
        work=host.unit_of_work(),
        actor=Actor(visitor=True),
        workspace_id=None,
        correlation=g.get("correlation") or host.new_id(),
    )
    values = {
        "status": status,
        "title": gettext(title),
        "detail": detail,
        "correlation": scope.correlation,
    }
    with enter_scope(scope):
        return finish_page(renderer.render("shell/problem.html", status, values))


def visitors_problem(status: int, title: str, detail: str | None) -> Response:
    """Return a problem on a public page that a service makes; that it is away, the console says."""
    away = status == HTTPStatus.SERVICE_UNAVAILABLE
    return (console_problem if away else problem_page)(status, title, detail)
