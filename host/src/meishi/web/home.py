"""The front door: it leads everybody to where they begin."""

from __future__ import annotations

from flask import Flask, Response, request

from meishi.core.identity.contract import Setup
from meishi.host import Host
from meishi.http.limits.rates import rate_limits
from meishi.web.edge import WORKSPACES, visited
from meishi.web.navigation import navigation
from meishi.web.redirects import HOME, SIGN_IN, redirect
from meishi.web.rendering import finish_page

#: Where a deployment that nobody can sign in to is set up.
SET_UP = "/setup"


def add_home(app: Flask, host: Host) -> None:
    """Serve `/`: to the set-up, the sign-in, or the first page that one may open."""

    def home() -> Response:
        return finish_page(redirect(_first_page(host)))

    app.add_url_rule(HOME, "home", home)


def _first_page(host: Host) -> str:
    scope = visited(host)
    if scope is None:
        rate_limits().charge_stranger()
        with host.scope():
            return SET_UP if host.service(Setup).needed() else SIGN_IN
    if scope.workspace_id is None:
        return WORKSPACES
    sections = navigation(host, scope, request.path)
    return sections[0].entries[0].url if sections else WORKSPACES
