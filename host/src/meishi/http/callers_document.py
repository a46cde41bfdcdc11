"""The OpenAPI document as a caller gets it: with what they may do, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from flask import Flask, Response, request

from meishi.context import Actor, Scope, enter_scope
from meishi.host import Host
from meishi.http.callers import identify
from meishi.http.docs.operations import METHODS
from meishi.http.docs.page import DocsPage
from meishi.http.documented_extensions import extensions_for
from meishi.http.edge import correlation

#: For how many sets of permissions the document is kept.
_KEPT = 32
#: For how many the page about it is kept.
_PAGES_KEPT = 4

_JSON = "application/json"
_COMPONENTS = "#/components/"
#: Components that nothing refers to by `$ref`.
_ALWAYS = ("securitySchemes",)


def add_documents(app: Flask, host: Host, document: Mapping[str, Any]) -> None:
    """Add the routes that describe the API: to anybody whole, to a token what it may do.

    What is switched off is in no document.
    """

    @lru_cache(maxsize=_KEPT)
    def part(permissions: frozenset[str]) -> bytes:
        return msgspec.json.encode(document_for(document, permissions))

    @lru_cache(maxsize=_PAGES_KEPT)
    def page(permissions: frozenset[str]) -> DocsPage:
        return DocsPage(part(permissions))

    def openapi() -> Response:
        authorized = "Authorization" in request.headers
        body = part(_permissions(host) if authorized else _enabled(host, None))
        return Response(body, content_type=_JSON, headers={"Vary": "Authorization"})

    def docs() -> Response:
        return page(_enabled(host, None)).answer()

    app.add_url_rule("/api/openapi.json", "openapi", openapi)
    app.add_url_rule("/api/docs", "docs", docs)


def _enabled(host: Host, workspace: UUID | None) -> frozenset[str]:
    """Return the permissions of all plugins that are on."""
    return frozenset(name for item in host.enabled(workspace) for name in item.permission_names())


def _permissions(host: Host) -> frozenset[str]:
    """Return what the caller may do with what is on for them."""
    scope = Scope(
        host=host,
        work=host.unit_of_work(),
        actor=Actor(),
        workspace_id=None,
        correlation=correlation(host),
    )
    with enter_scope(scope):
        actor, workspace = identify()
    return actor.permissions & _enabled(host, workspace)


def document_for(document: Mapping[str, Any], permissions: frozenset[str]) -> dict[str, Any]:
    """Return a document without the operations that need other permissions."""
    paths = {
        path: kept
        for path, item in document["paths"].items()
        if METHODS & (kept := _allowed(item, permissions)).keys()
    }
    tags = {
        tag
        for item in paths.values()
        for name in METHODS & item.keys()
        for tag in item[name]["tags"]
    }
    found = {
        **document,
        "paths": paths,
        "tags": [tag for tag in document.get("tags", ()) if tag["name"] in tags],
    }
    return found | {"components": _referred_to(found, permissions)}


def _allowed(item: Mapping[str, Any], permissions: frozenset[str]) -> dict[str, Any]:
    return {
        name: said
        for name, said in item.items()
        if name not in METHODS or said["x-permission"] in permissions
    }


def _referred_to(document: Mapping[str, Any], permissions: frozenset[str]) -> dict[str, Any]:
    """Return the components that paths lead to, directly or through others."""
    components = document["components"]
    found: dict[str, dict[str, Any]] = {name: dict(components[name]) for name in _ALWAYS}
    open_ends = list(_references(document["paths"]))
    while open_ends:
        kind, name = open_ends.pop().removeprefix(_COMPONENTS).split("/", 1)
        if name not in found.setdefault(kind, {}):
            found[kind][name] = extensions_for(components[kind][name], permissions)
            open_ends.extend(_references(found[kind][name]))
    return {kind: dict(sorted(found[kind].items())) for kind in components if kind in found}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
