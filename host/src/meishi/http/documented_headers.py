"""Headers in the OpenAPI document: what requests may bring, and what responses carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from meishi.http.docs.examples import EXAMPLE_ID

F = TypeVar("F", bound=Callable[..., Any])

_PARAMETERS = "#/components/parameters/"
_HEADERS = "#/components/headers/"

_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of what the caller has; while it is the same, the answer is 304.",
    "schema": {"type": "string"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of what was read; `*` changes whatever is there.",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[^"]*"( *, *(W/)?"[^"]*")*)$'},
    "example": '"1.0123456789abcdef"',
}
#: Under which name an operation's documentation keeps whether `If-Match` is required.
_CONDITIONAL = "conditional"


def mark_conditional(operation: F, *, required: bool) -> F:
    """Keep with an operation, where its documentation is kept, that it reads `If-Match`."""
    documented = getattr(operation, "_apidoc", {}) | {_CONDITIONAL: required}
    setattr(operation, "_apidoc", documented)  # noqa: B010 (flask-smorest's attribute)
    return operation


def document_condition(
    operation: dict[str, Any], documented: Mapping[str, Any], **_: Any
) -> dict[str, Any]:
    """Add `If-Match` to the parameters that an operation has (flask-smorest's hook)."""
    required = documented.get(_CONDITIONAL)
    if required is not None:
        operation.setdefault("parameters", []).append(_IF_MATCH | {"required": required})
    return operation


def _header(description: str, example: Any, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}, "example": example}


_RESPONSE_HEADERS = {
    "RateLimit": _header(
        "Of each limit: requests that are left (`r`), and seconds until all are there again (`t`)",
        '"token";r=599;t=1, "workspace";r=2999;t=1',
    ),
    "RateLimit-Policy": _header(
        "Of each limit: requests (`q`) in a window of seconds (`w`)",
        '"token";q=600;w=60, "workspace";q=3000;w=60',
    ),
    "Retry-After": _header("Seconds to wait before the next attempt", 2, "integer"),
    "WWW-Authenticate": _header("How to authenticate", 'Bearer realm="meishi"'),
    "Idempotency-Replayed": _header("The answer was given before, under this key", "true"),
    "Location": _header("Address of what was made, or moved", f"/api/v1/contacts/{EXAMPLE_ID}"),
    "Link": _header(
        'Where the next page is, if there is one, and the first: `rel="next"`, `rel="first"`',
        '</api/v1/contacts?after=k6BWx>; rel="next", </api/v1/contacts>; rel="first"',
    ),
}  # fmt: skip
#: Of an answer that says where the resource is, though its status does not tell that it does.
LOCATION = {"Location": {"$ref": f"{_HEADERS}Location"}}
#: Statuses of answers that are given before anybody knows whose request it is.
_UNCOUNTED = frozenset({str(HTTPStatus.UNAUTHORIZED.value), "414", "500", "503"})
_WITH_RETRY = frozenset({"202", "429", "503"})
#: Statuses of answers that say where something is from now on.
_ELSEWHERE = frozenset({"201", "202", "301"})


def add_headers_of(operation: Mapping[str, Any]) -> None:
    """Add the headers that an operation's responses carry, and those that ask for 304."""
    if "304" in operation["responses"]:
        operation.setdefault("parameters", []).append(dict(_IF_NONE_MATCH))  # type: ignore[attr-defined]
    given = {item.get("name") for item in operation.get("parameters", ())}
    paged, keyed = "after" in given, "Idempotency-Key" in given
    for status, response in operation["responses"].items():
        if "$ref" not in response:
            name_headers(status, response)
            if paged and status == "200":
                _name(response, "Link")
            if status in _ELSEWHERE:
                _name(response, "Location")
            if keyed and status.startswith("2"):
                _name(response, "Idempotency-Replayed")


def name_headers(status: str, response: dict[str, Any]) -> None:
    """Name the headers that every response of a status carries."""
    if status not in _UNCOUNTED:
        _name(response, "RateLimit", "RateLimit-Policy")
    if status in _WITH_RETRY:
        _name(response, "Retry-After")
    if status == str(HTTPStatus.UNAUTHORIZED.value):
        _name(response, "WWW-Authenticate")


def _name(response: dict[str, Any], *names: str) -> None:
    headers = response.setdefault("headers", {})
    for name in names:
        headers.setdefault(name, {"$ref": f"{_HEADERS}{name}"})


def share_headers(document: Mapping[str, Any]) -> None:
    """Move the headers of a document, in requests and in responses, to its components.

    Where one name has several meanings, the first is shared, and the others stay where they are.
    """
    components = document["components"]
    headers = components.setdefault("headers", {})
    headers |= _RESPONSE_HEADERS
    parameters = components.setdefault("parameters", {})
    for operation in operations(document):
        for place, given in enumerate(operation.get("parameters", ())):
            if given.get("in") == "header":
                key = given["name"].replace("-", "")
                if parameters.setdefault(key, given) == given:
                    operation["parameters"][place] = {"$ref": f"{_PARAMETERS}{key}"}
        for response in operation["responses"].values():
            for name, said in response.get("headers", {}).items():
                if "$ref" not in said and headers.setdefault(name, said) == said:
                    response["headers"][name] = {"$ref": f"{_HEADERS}{name}"}


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the operations of a document."""
    for item in document["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                yield operation
