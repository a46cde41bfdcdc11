"""The OpenAPI document: what is enabled, with the needs and the problems of every operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import flask_smorest
from flask import Flask

from meishi import __version__
from meishi.http.deprecation import Deprecation
from meishi.http.documented_examples import add_examples
from meishi.http.idempotency import HEADER, PATTERN
from meishi.http.problem_schema import PROBLEM_TYPE, ProblemSchema
from meishi.http.routes import API_ROOT, Route

OPENAPI_VERSION = "3.1.0"

_SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API token, `msh_…`, as printed by `meishi init`.",
}
_PROBLEMS = {
    "400": "Malformed request",
    "401": "Authentication needed",
    "403": "Not allowed",
    "409": "A request with this `Idempotency-Key` is at work",
    "411": "Content-Length missing",
    "413": "Body too large",
    "415": "Media type not supported",
    "422": "Some values are missing or wrong",
    "500": "Internal error",
    "503": "Database unavailable or busy",
}
_EVERYWHERE = ("400", "401", "403", "500", "503")
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
    """Return the document of the mounted routes.

    flask-smorest's own error responses give way to problems, and each operation names the
    permission that it needs as `x-permission`. What comes and goes as JSON has an example.
    """
    if "Problem" not in api.spec.components.schemas:
        api.spec.components.schema("Problem", schema=ProblemSchema)
    document: dict[str, Any] = api.spec.to_dict()
    components = document["components"]
    components["securitySchemes"] = {"token": _SECURITY_SCHEME}
    components.pop("responses", None)
    for name in _UNUSED_SCHEMAS:
        components["schemas"].pop(name, None)
    document["security"] = [{"token": []}]
    for name, operation, permission, deprecation in _operations(document, routes):
        operation["operationId"] = name
        operation["x-permission"] = permission
        if name.endswith("_post"):
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        operation["responses"] = _responses(operation)
        if deprecation is not None:
            deprecation.describe(operation)
    add_examples(document)
    return document


def _operations(
    document: Mapping[str, Any], routes: Mapping[str, Route]
) -> Iterator[tuple[str, dict[str, Any], str, Deprecation | None]]:
    """Yield each operation with its name, its permission, and its deprecation if it has one."""
    for route in routes.values():
        item = document["paths"][_PATH_PARAMETER.sub(r"{\1}", route.path)]
        for method, permission in route.permissions.items():
            if method.lower() in item:
                name = _operation_name(route, method)
                yield name, item[method.lower()], permission, route.deprecations.get(method)


def _operation_name(route: Route, method: str) -> str:
    """Return what an operation is called, which is as stable as its address.

    The version comes behind the method, where no word of another path can stand.
    """
    root = f"{API_ROOT}/v{route.version}"
    path = _PATH_PARAMETER.sub(r"\1", route.path.removeprefix(root))
    version = [] if route.version == 1 else [f"v{route.version}"]
    return "_".join([*re.findall(r"\w+", path), method.lower(), *version])


def _responses(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documented responses, completed by the problems that the host answers with."""
    own = {
        status: response
        for status, response in operation["responses"].items()
        if status != "default" and "$ref" not in response
    }
    problems = {status: _problem(_PROBLEMS[status]) for status in host_problems(operation)}
    return dict(sorted((problems | own).items()))


def host_problems(operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the statuses that the host may answer an operation with, whatever its view does."""
    yield from _EVERYWHERE
    if _IDEMPOTENCY_KEY in operation.get("parameters", ()):
        yield "409"
    if _IDEMPOTENCY_KEY in operation.get("parameters", ()) or operation.get("requestBody"):
        yield from ("411", "413", "415", "422")


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": schema}}}
