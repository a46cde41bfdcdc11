"""Mounting the plugins' routes: each under its plugin's prefix, with a guard around each view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Flask, Response

from meishi.host import Host
from meishi.http.announcing import announced
from meishi.http.batches import INSIDE
from meishi.http.documented_extensions import describe_values
from meishi.http.edge import admitted, guarded
from meishi.http.handing_on import handed_on
from meishi.http.openapi import new_api, openapi_document
from meishi.http.routes import Route, RouteError, address_of, prefix_of, routes_of
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.raised import raised
from meishi.lifecycle.states import PluginState


def mount_all(app: Flask, api: Any, host: Host) -> dict[str, Route]:
    """Mount every active plugin's routes, guarded, and return them by their endpoints."""
    mounted: dict[str, Route] = {}
    inside: dict[str, Callable[..., Response]] = {}
    for contribution in host.plugins.active():
        routes = _mount(app, api, contribution)
        for endpoint, route in routes.items():
            view = app.view_functions[endpoint]
            if contribution.placement is not None:
                view = handed_on(host, contribution)
            app.view_functions[endpoint] = announced(host, route, guarded(host, route, view))
            inside[endpoint] = admitted(route, view)
        mounted |= routes
    app.extensions[INSIDE] = inside
    return mounted


def take_out_unservable(plugins: PluginSet) -> None:
    """Mark plugins broken whose routes cannot be mounted or described, whatever the cause.

    Each is tried on an application of its own, as a blueprint that failed halfway would stay.
    """
    for contribution in list(plugins.active()):
        shown = (contribution.routes, contribution.public_pages, contribution.pages)
        if not any(shown) and not contribution.schemas.extensions:
            continue
        try:
            _try(contribution)
        except RouteError as error:
            plugins.mark(contribution.plugin, PluginState.BROKEN, str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
            reason = f"its routes cannot be served: {raised(error)}"
            plugins.mark(contribution.plugin, PluginState.BROKEN, reason)


def _try(contribution: Contribution) -> None:
    app = Flask("meishi", static_folder=None)
    api = new_api(app)
    routes = _mount(app, api, contribution)
    for extension in contribution.schemas.extensions:
        describe_values(api.spec, extension.schema)
    msgspec.json.encode(openapi_document(api, routes))
    taken: set[str] = set()
    for page in contribution.public_pages:
        address = address_of(page.rule)
        if address in taken:
            raise RouteError(f"the public page {page.rule} is declared twice")
        taken.add(address)
        app.add_url_rule(page.rule, f"public_page:{page.rule}", page.view)
    for shown in contribution.pages:
        rule = f"/{contribution.manifest.api_prefix}{shown.rule}"
        app.add_url_rule(rule, f"page:{shown.name}", shown.view)


def _mount(app: Flask, api: Any, contribution: Contribution) -> dict[str, Route]:
    """Mount a plugin's views, and make sure that no other address leads to them, or to more."""
    routes = routes_of(contribution)
    before = set(app.view_functions)
    for blueprint in contribution.routes:
        api.register_blueprint(blueprint.build(prefix_of(contribution, blueprint)))
    served = {
        (rule.endpoint, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in before
    }
    expected = {(endpoint, route.path) for endpoint, route in routes.items()}
    if served != expected:
        paths = ", ".join(sorted({path for _, path in served ^ expected}))
        raise RouteError(f"served otherwise than declared: {paths}")
    return routes
