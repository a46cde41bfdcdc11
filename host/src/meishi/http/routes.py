"""What a plugin's operations need, read from its blueprints and held against its declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import iscoroutinefunction, unwrap

from flask.views import MethodView

from meishi.http.blueprint import Blueprint
from meishi.http.deprecation import Deprecation, deprecation_of
from meishi.http.descriptions import (
    PERMISSION_ATTRIBUTE,
    UNCONDITIONAL_ATTRIBUTE,
    WAITS_ATTRIBUTE,
)
from meishi.http.selectables import selectable_of
from meishi.lifecycle.contribution import Contribution

API_ROOT = "/api"

#: Methods that change what is there, which somebody else may have changed meanwhile.
_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})

#: The name of a parameter: `/<uuid:a>` and `/<uuid:b>` are the same address.
_PARAMETER_NAME = re.compile(r"[^<>:]+>")


class RouteError(Exception):
    """A route must not be served as it is declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One view: whose it is, where it is served, and what each of its methods needs.

    `waiting` are the methods that hold no connection while they run. `version` is that of the
    plugin's API which it belongs to; `deprecations` has the methods that are not to be used any
    more.
    """

    plugin: str
    path: str
    permissions: dict[str, str]
    waiting: frozenset[str] = frozenset()
    version: int = 1
    deprecations: dict[str, Deprecation] = field(default_factory=dict)


def address_of(path: str) -> str:
    """Return a path without the names of its parameters: two of one address are the same."""
    return _PARAMETER_NAME.sub(">", path).replace("<string:>", "<>").replace("<default:>", "<>")


def prefix_of(contribution: Contribution, blueprint: Blueprint) -> str:
    """Return the path under which the routes of a plugin's blueprint are."""
    return f"{API_ROOT}/v{blueprint.version}/{contribution.manifest.prefix}"


def routes_of(contribution: Contribution) -> dict[str, Route]:
    """Return a plugin's routes by their endpoints; raise `RouteError` for what must not be."""
    routes: dict[str, Route] = {}
    taken: set[tuple[str, str]] = set()
    for blueprint in contribution.routes:
        if type(blueprint.version) is not int or blueprint.version < 1:
            raise RouteError(
                f"the blueprint {blueprint.name} has the version {blueprint.version!r}; "
                "versions are whole numbers from 1 on"
            )
        for endpoint, rule, view in blueprint.views():
            route = _route(contribution, blueprint, rule, view)
            address = address_of(route.path)
            for method in route.permissions:
                if (method, address) in taken:
                    raise RouteError(f"{method} {route.path} is declared twice")
                taken.add((method, address))
            routes[_endpoint(blueprint, endpoint)] = route
    return routes


def _endpoint(blueprint: Blueprint, endpoint: str) -> str:
    return f"{blueprint.mounted_name}.{endpoint}"


def _route(contribution: Contribution, blueprint: Blueprint, rule: object, view: object) -> Route:
    if not isinstance(rule, str) or not (rule == "" or rule.startswith(("/", ":"))):
        raise RouteError(f"the rule {rule!r} must be empty or begin with a slash or a colon")
    if "//" in rule:
        raise RouteError(f"the rule {rule!r} has two slashes in a row")
    path = f"{prefix_of(contribution, blueprint)}{rule}"
    if not (isinstance(view, type) and issubclass(view, MethodView)):
        raise RouteError(f"{path} is served by {view!r}, which is no MethodView class")
    permissions = dict(_permissions(contribution, path, view))
    return Route(
        plugin=contribution.plugin,
        path=path,
        permissions=permissions,
        waiting=frozenset(method for method in permissions if _waits(view, method)),
        version=blueprint.version,
        deprecations=dict(_deprecations(blueprint, path, view)),
    )


def _waits(view: type[MethodView], method: str) -> bool:
    function = getattr(view, method.lower(), None) or getattr(view, "get", None)
    return getattr(function, WAITS_ATTRIBUTE, False) is True


def _deprecations(
    blueprint: Blueprint, path: str, view: type[MethodView]
) -> Iterator[tuple[str, Deprecation]]:
    for method in sorted(name.upper() for name in view.methods or ()):
        operation = getattr(view, method.lower())
        found = deprecation_of(operation, view, blueprint.deprecation)
        if found is None:
            continue
        for fault in found.faults():
            raise RouteError(f"{method} {path} {fault}")
        yield method, found
        if method == "GET":
            yield "HEAD", found


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
        selectable = selectable_of(function)
        included = [item.permission for item in selectable.includes] if selectable else []
        own = [item for item in included if item.startswith(f"{contribution.manifest.prefix}.")]
        for needed in (full, *own):
            if needed not in declared:
                raise RouteError(
                    f"{method} {path} needs the permission {needed}, which is not declared"
                )
        if method in _CHANGING and getattr(function, UNCONDITIONAL_ATTRIBUTE, None) is None:
            raise RouteError(
                f"{method} {path} asks for no version: decorate it with preconditions(), "
                "or say by unconditional(...) why it needs none"
            )
        yield method, full
        if method == "GET":
            yield "HEAD", full
