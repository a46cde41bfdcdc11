"""The OpenAPI document: what is enabled, with the needs and the problems of every operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import flask_smorest
from flask import Flask

from meishi import __version__
from meishi.http.cookies import SESSION_COOKIE
from meishi.http.documented_examples import add_examples
from meishi.http.documented_headers import add_headers_of, share_headers
from meishi.http.documented_patterns import translate_patterns
from meishi.http.documented_problems import add_problems
from meishi.http.forgery import HEADER as FORM_HEADER
from meishi.http.idempotency import HEADER, PATTERN
from meishi.http.limits.sizes import published_limits
from meishi.http.problem_schema import ProblemSchema
from meishi.http.routes import API_ROOT, Route
from meishi.settings import Settings

OPENAPI_VERSION = "3.1.0"

_SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API token, `msh_…`, as printed by `meishi init`.",
}
_SESSION_SCHEME = {
    "type": "apiKey",
    "in": "cookie",
    "name": SESSION_COOKIE,
    "description": (
        "The session of a browser that is signed in to the console, for scripts of our own pages: "
        f"what changes something has to carry the page's token in `{FORM_HEADER}`. "
        "Over HTTPS the cookie's name begins with `__Host-`."
    ),
}
_IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "What is sent again under the same key is done once.",
    "schema": {"type": "string", "pattern": PATTERN},
}
_PATH_PARAMETER = re.compile(r"<(?:[^<>]*:)?([^<>]+)>")
#: Schemas that flask-smorest adds for responses of its own, which problems replace.
_UNUSED_SCHEMAS = ("Error", "PaginationMetadata")


def new_api(app: Flask) -> Any:
    """Return flask-smorest's API object, serving nothing by itself."""
    app.config.update(
        API_TITLE="Meishi",
        API_VERSION="v1",
        OPENAPI_VERSION=OPENAPI_VERSION,
        OPENAPI_URL_PREFIX=None,
    )
    options = {"info": {"version": __version__, "description": "QR contact cards and their CRM."}}
    return flask_smorest.Api(app, spec_kwargs=options)


def openapi_document(api: Any, routes: Mapping[str, Route]) -> dict[str, Any]:
    """Return the document of the mounted routes, of which `deployed_document` makes a deployment's.

    flask-smorest's own error responses give way to problems, and each operation names the
    permission that it needs as `x-permission`. What comes and goes as JSON has an example.
    """
    if "Problem" not in api.spec.components.schemas:
        api.spec.components.schema("Problem", schema=ProblemSchema)
    document: dict[str, Any] = api.spec.to_dict()
    components = document["components"]
    components["securitySchemes"] = {"token": _SECURITY_SCHEME, "session": _SESSION_SCHEME}
    components["responses"] = {}
    for name in _UNUSED_SCHEMAS:
        components["schemas"].pop(name, None)
    document["security"] = [{"token": []}, {"session": []}]
    for route, method, operation in _operations(document, routes):
        operation["operationId"] = _operation_name(route, method)
        operation["x-permission"] = route.permissions[method]
        if method == "POST":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        operation["responses"] = _own_responses(operation)
        add_problems(document, route.path, method.lower(), operation)
        add_headers_of(operation)
        if method in route.deprecations:
            route.deprecations[method].describe(operation)
    share_headers(document)
    translate_patterns(document)
    add_examples(document)
    return document


def deployed_document(document: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return a document with where it is served, and with the limits that settings say."""
    servers = [{"url": settings.public_url or "/"}]
    return {**document, "servers": servers, "x-limits": published_limits(settings)}


def _operations(
    document: Mapping[str, Any], routes: Mapping[str, Route]
) -> Iterator[tuple[Route, str, dict[str, Any]]]:
    """Yield each operation with its route and method."""
    for route in routes.values():
        item = document["paths"][_PATH_PARAMETER.sub(r"{\1}", route.path)]
        for method in route.permissions:
            if method.lower() in item:
                yield route, method, item[method.lower()]


def _operation_name(route: Route, method: str) -> str:
    """Return what an operation is called, which is as stable as its address.

    The version comes behind the method, where no word of another path can stand.
    """
    root = f"{API_ROOT}/v{route.version}"
    path = _PATH_PARAMETER.sub(r"\1", route.path.removeprefix(root))
    version = [] if route.version == 1 else [f"v{route.version}"]
    return "_".join([*re.findall(r"\w+", path), method.lower(), *version])


def _own_responses(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the responses that the author has described."""
    return {
        status: response
        for status, response in operation["responses"].items()
        if status != "default" and "$ref" not in response
    }
