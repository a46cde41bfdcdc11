"""What a plugin's operations need, read from its blueprints and held against its declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import iscoroutinefunction, unwrap

from flask.views import MethodView

from meishi.http.blueprint import PERMISSION_ATTRIBUTE, WAITS_ATTRIBUTE, Blueprint
from meishi.lifecycle.contribution import Contribution

API_ROOT = "/api/v1"

#: The name of a parameter: `/<uuid:a>` and `/<uuid:b>` are the same address.
_PARAMETER_NAME = re.compile(r"[^<>:]+>")


class RouteError(Exception):
    """A route must not be served as it is declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One view: whose it is, where it is served, and what each of its methods needs.

    `waiting` are the methods that hold no connection while they run.
    """

    plugin: str
    path: str
    permissions: dict[str, str]
    waiting: frozenset[str]


def address_of(path: str) -> str:
    """Return a path without the names of its parameters: two of one address are the same."""
    return _PARAMETER_NAME.sub(">", path).replace("<string:>", "<>").replace("<default:>", "<>")


def prefix_of(contribution: Contribution) -> str:
    """Return the path under which all routes of a plugin are."""
    return f"{API_ROOT}/{contribution.manifest.prefix}"


def routes_of(contribution: Contribution) -> dict[str, Route]:
    """Return a plugin's routes by their endpoints; raise `RouteError` for what must not be."""
    routes: dict[str, Route] = {}
    taken: set[tuple[str, str]] = set()
    for blueprint in contribution.routes:
        for endpoint, rule, view in blueprint.views():
            route = _route(contribution, rule, view)
            address = address_of(route.path)
            for method in route.permissions:
                if (method, address) in taken:
                    raise RouteError(f"{method} {route.path} is declared twice")
                taken.add((method, address))
            routes[_endpoint(blueprint, endpoint)] = route
    return routes


def _endpoint(blueprint: Blueprint, endpoint: str) -> str:
    return f"{blueprint.name}.{endpoint}"


def _route(contribution: Contribution, rule: object, view: object) -> Route:
    if not isinstance(rule, str) or not (rule == "" or rule.startswith("/")):
        raise RouteError(f"the rule {rule!r} must be empty or begin with a slash")
    path = f"{prefix_of(contribution)}{rule}"
    if not (isinstance(view, type) and issubclass(view, MethodView)):
        raise RouteError(f"{path} is served by {view!r}, which is no MethodView class")
    permissions = dict(_permissions(contribution, path, view))
    waiting = frozenset(method for method in permissions if _waits(view, method))
    return Route(plugin=contribution.plugin, path=path, permissions=permissions, waiting=waiting)


def _waits(view: type[MethodView], method: str) -> bool:
    function = getattr(view, method.lower(), None) or getattr(view, "get", None)
    return getattr(function, WAITS_ATTRIBUTE, False) is True


def _permissions(
    contribution: Contribution, path: str, view: type[MethodView]
) -> Iterator[tuple[str, str]]:
    declared = contribution.permission_names()
    for method in sorted(name.upper() for name in view.methods or ()):
        function = getattr(view, method.lower(), None)
        if function is None:
            raise RouteError(f"{method} {path} has no function")
        if iscoroutinefunction(unwrap(function)):
            raise RouteError(f"{method} {path} is asynchronous")
        name = getattr(function, PERMISSION_ATTRIBUTE, None)
        if name is None:
            raise RouteError(f"{method} {path} names no permission")
        full = f"{contribution.manifest.prefix}.{name}"
        if full not in declared:
            raise RouteError(f"{method} {path} needs the permission {full}, which is not declared")
        yield method, full
        if method == "GET":
            yield "HEAD", full
