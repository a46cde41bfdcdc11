"""Mounting the plugins' routes: prefix, permission of every operation, guard around each view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.views import MethodView

from meishi.host import Host
from meishi.http.blueprint import PERMISSION_ATTRIBUTE
from meishi.http.edge import Route, guarded
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.states import PluginState

API_ROOT = "/api/v1"


class RouteError(Exception):
    """A route must not be served as it is declared."""


def mount_all(app: Flask, api: Any, host: Host) -> dict[str, Route]:
    """Mount every active plugin's routes and return them by their paths.

    A plugin with a faulty one is taken out whole.
    """
    mounted: dict[str, Route] = {}
    for contribution in list(host.plugins.active()):
        if host.plugins.statuses[contribution.plugin].state is not PluginState.ACTIVE:
            continue
        try:
            routes = dict(_routes(contribution, mounted))
        except RouteError as error:
            host.plugins.mark(contribution.plugin, PluginState.BROKEN, str(error))
            continue
        mounted |= _mount(app, api, host, contribution, routes)
    return mounted


def _routes(
    contribution: Contribution, mounted: dict[str, Route]
) -> Iterator[tuple[tuple[type[MethodView], str], Route]]:
    """Yield each view with its path and needs; raise `RouteError` for what must not be."""
    for blueprint in contribution.routes:
        for rule, view in blueprint.rules:
            path = f"{API_ROOT}/{contribution.manifest.prefix}{rule}"
            if path in mounted:
                raise RouteError(f"route {path} belongs to the plugin {mounted[path].plugin!r}")
            permissions = dict(_permissions(contribution, path, view))
            yield (view, path), Route(plugin=contribution.plugin, permissions=permissions)


def _permissions(
    contribution: Contribution, path: str, view: type[MethodView]
) -> Iterator[tuple[str, str]]:
    declared = contribution.permission_names()
    for method in sorted(view.methods or ()):
        name = getattr(getattr(view, method.lower()), PERMISSION_ATTRIBUTE, None)
        if name is None:
            raise RouteError(f"{method} {path} names no permission")
        full = f"{contribution.manifest.prefix}.{name}"
        if full not in declared:
            raise RouteError(f"{method} {path} needs the permission {full}, which is not declared")
        yield method, full
        if method == "GET":
            yield "HEAD", full


def _mount(
    app: Flask,
    api: Any,
    host: Host,
    contribution: Contribution,
    routes: dict[tuple[type[MethodView], str], Route],
) -> dict[str, Route]:
    before = set(app.view_functions)
    for blueprint in contribution.routes:
        prefix = f"{API_ROOT}/{contribution.manifest.prefix}"
        api.register_blueprint(blueprint.build(), url_prefix=prefix)
    by_path = {path: route for (_, path), route in routes.items()}
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in before:
            view = app.view_functions[rule.endpoint]
            route = by_path[rule.rule]
            app.view_functions[rule.endpoint] = guarded(host, route, view)
    return by_path
