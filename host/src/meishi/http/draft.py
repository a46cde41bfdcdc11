"""The draft of an application: plugins' routes and their document, with no host behind them yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import msgspec
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from meishi.http.documented_extensions import describe_values, document_extensions
from meishi.http.extensions import EXTENDED, extended_resources
from meishi.http.openapi import new_api, openapi_document
from meishi.http.routes import Route, RouteError, address_of, prefix_of, routes_of
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.resource_names import owner_of


class _Rule(Rule):
    """A rule that makes what builds addresses of it when one is built, which we hardly ever do.

    Werkzeug compiles two functions for it at once, which takes longer than all else about a rule.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(partial(super()._compile_builder, append_unknown))

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build


class _Application(Flask):
    """Flask without asynchronous views, which are refused when routes are mounted."""

    url_rule_class = _Rule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself; to look for coroutines at every call takes its time."""
        return func


class Draft:
    """An application with the routes of plugins, which are served unguarded as yet.

    Whatever of these plugins cannot be mounted or described raises here, `RouteError` if it is
    known for what it is. `routes` are each plugin's by their endpoints, `document` is the OpenAPI
    document of them all without what settings say.
    """

    def __init__(self, plugins: Iterable[Contribution]) -> None:
        plugins = list(plugins)
        self.app = _Application("meishi", static_folder=None)
        # Two slashes are another address: a redirect would go where the Host header says.
        self.app.url_map.merge_slashes = False
        api = new_api(self.app)
        self.app.extensions[EXTENDED] = extended = extended_resources(plugins)
        self.routes = {item.plugin: _mounted(self.app, api, item) for item in plugins}
        document_extensions(api.spec, extended)
        _describe_unseen(plugins)
        for item in plugins:
            _try_pages(item)
        self.document = openapi_document(api, self._all_routes())
        msgspec.json.encode(self.document)
        self._shown = _shown(plugins)

    def is_of(self, plugins: Iterable[Contribution]) -> bool:
        """Whether these plugins show what the application was drafted of, wherever they run."""
        return self._shown == _shown(plugins)

    def _all_routes(self) -> Mapping[str, Route]:
        return {name: route for routes in self.routes.values() for name, route in routes.items()}


def _shown(plugins: Iterable[Contribution]) -> Sequence[Any]:
    """Return what of plugins makes a draft, to be compared."""
    return [
        (
            item.plugin,
            tuple(item.routes),
            [(one.target, one.schema, one.permission) for one in item.schemas.extensions],
        )
        for item in plugins
    ]


def _mounted(app: Flask, api: Any, contribution: Contribution) -> dict[str, Route]:
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


def _describe_unseen(plugins: Sequence[Contribution]) -> None:
    """Describe values that are added to resources of nobody here: they may be seen elsewhere."""
    here = {item.plugin for item in plugins}
    unseen: list[type[Schema]] = [
        extension.schema
        for item in plugins
        for extension in item.schemas.extensions
        if owner_of(extension.target) not in here
    ]
    if unseen:
        spec = new_api(Flask("meishi", static_folder=None)).spec
        for schema in unseen:
            describe_values(spec, schema)


def _try_pages(contribution: Contribution) -> None:
    """Try a plugin's pages; they are mounted once there is a host."""
    app = _Application("meishi", static_folder=None)
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
