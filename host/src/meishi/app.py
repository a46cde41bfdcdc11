"""The application: everything is wired here, in this order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from uuid import UUID

import msgspec
from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from uuid_utils.compat import uuid7

from meishi.clock import utc_now
from meishi.database.location import Location, locate
from meishi.exports.files_here import add_files
from meishi.extraction.boot import take_out_pinned
from meishi.host import Host
from meishi.http.asked import add_calls
from meishi.http.callers import install_callers
from meishi.http.callers_document import add_documents
from meishi.http.clocks import install_clocks
from meishi.http.cors import install_cors
from meishi.http.draft import Draft
from meishi.http.followed import add_neighbours_feed
from meishi.http.headers import install_default_headers
from meishi.http.limits.rates import install_rate_limits
from meishi.http.limits.sizes import install_size_limits
from meishi.http.metrics import add_metrics
from meishi.http.mounting import put_behind, take_out_unservable
from meishi.http.openapi import deployed_document
from meishi.http.pages import mount_pages
from meishi.http.problems import install_problem_handlers, problem
from meishi.http.told import add_neighbours_plugins
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.settings import Settings
from meishi.web.mounting import mount_console

JSON = "application/json"


def create_app(
    settings: Settings,
    *,
    location: Location | None = None,
    plugins: PluginSet | None = None,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], UUID] = uuid7,
) -> Flask:
    """Return the web application of a deployment.

    Plugins are loaded, the database is found (the embedded one is started), plugins whose
    revisions are not applied are taken out, the rest is wired and mounted. Under the policy
    `strict` any fault raises `BootRefused`. The host is `app.extensions["meishi"]`.
    """
    plugins = plugins or load_plugins(settings)
    draft = take_out_unservable(plugins)
    take_out_pinned(plugins, settings)
    plugins.enforce(settings.boot_policy)
    with ExitStack() as refused:
        if location is None:
            location = locate(settings)
            refused.callback(location.close)
        host = Host(settings, plugins, location.runtime_url, clock=clock, new_id=new_id)
        refused.callback(host.close)
        app = _application(host, location, draft)
        refused.pop_all()
    return app


def _application(host: Host, location: Location, draft: Draft | None) -> Flask:
    policy = host.settings.boot_policy
    host.check_migrations()
    host.plugins.enforce(policy)
    if draft is None or not draft.is_of(host.plugins.active()):
        draft = Draft(host.plugins.active())
    app = put_behind(draft, host)
    install_size_limits(app, host.settings)
    install_rate_limits(app, host)
    install_callers(app, host)
    install_clocks(app, host)
    app.extensions["meishi"] = host
    app.extensions["meishi_location"] = location
    mount_pages(app, host)
    mount_console(app, host)
    host.wire()
    install_problem_handlers(app)
    install_default_headers(app, public_url=host.settings.reachable_url)
    install_cors(app, host.settings.cors_origins)
    add_metrics(app, host)
    add_calls(app, host)
    add_neighbours_feed(app, host)
    add_neighbours_plugins(app, host)
    add_files(app, host)
    add_documents(app, host, deployed_document(draft.document, host.settings))
    _add_public_routes(app, host)
    return app


def _add_public_routes(app: Flask, host: Host) -> None:
    """Add the route that says whether we are well."""

    def health() -> Response:
        try:
            with host.scope() as scope:
                scope.work.connection().execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout):
            return problem(503, "database-unavailable", "Database unavailable")
        status = "degraded" if host.plugins.faults() else "ok"
        return Response(msgspec.json.encode({"status": status}), content_type=JSON)

    app.add_url_rule("/health", "health", health)
