"""How large a request may be: its address, its number of parameters, and its JSON."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge

from meishi.http.bodies import read_body
from meishi.sdk.contract import DomainError
from meishi.settings import Settings

#: Characters of path and query, as they are sent.
MAX_ADDRESS = 8 * 1024
MAX_PARAMETERS = 100
#: How many arrays and objects of a document stand inside of each other.
MAX_DEPTH = 32

_KEY = "MEISHI_MAX_JSON_BYTES"
#: Where a request keeps another size that its operation allows.
_ALLOWED = "meishi.max_json_bytes"
#: A string, also one without an end: to look for its end from each quote in it would take long.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_UNIFIED = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


class NestedTooDeeply(DomainError):
    """The body has more arrays and objects inside of each other than is allowed."""

    code = "nested-too-deeply"
    title = "Nested too deeply"
    status = 400


class TooManyParameters(DomainError):
    """The query has more parameters than is allowed."""

    code = "too-many-parameters"
    title = "Too many parameters"
    status = 400


def install_size_limits(app: Flask, settings: Settings) -> None:
    """Refuse requests that are too large, before anybody looks at what they ask."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config[_KEY] = settings.max_json_bytes
    app.before_request(_check_address)


def published_limits(settings: Settings) -> dict[str, Any]:
    """Return the limits as the OpenAPI document tells them."""
    return {
        "address_bytes": MAX_ADDRESS,
        "parameters": MAX_PARAMETERS,
        "body_bytes": settings.max_body_bytes,
        "json_bytes": min(settings.max_json_bytes, settings.max_body_bytes),
        "json_depth": MAX_DEPTH,
        "requests_per_minute": {
            "token": settings.rate_limit_per_minute or None,
            "workspace": settings.rate_limit_workspace_per_minute or None,
            "address": settings.rate_limit_address_per_minute or None,
        },
    }


def allow_json_bytes(most: int) -> None:
    """Let the body of the current request be JSON of another size than is usual."""
    request.environ[_ALLOWED] = most  # not of `g`, which the requests of a batch share


def read_json_body() -> bytes:
    """Return the request's body; answer 413 if it is too large for JSON, 400 if too deep."""
    most = request.environ.get(_ALLOWED) or current_app.config[_KEY]
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge(f"JSON may have {most} bytes here.")
    body = read_body()
    if is_too_deep(body):
        raise NestedTooDeeply(
            f"At most {MAX_DEPTH} arrays and objects may be inside of each other."
        )
    return body


def is_too_deep(body: bytes) -> bool:
    """Whether more brackets of a text stand inside of each other than is allowed.

    Strings are left out; then each look takes away all pairs without anything in them, which is
    one storey. What has no end is left to the decoder.
    """
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", body).translate(_UNIFIED, _NO_BRACKET)
    storeys = 0
    while b"[]" in brackets and storeys <= MAX_DEPTH:
        brackets = brackets.replace(b"[]", b"")
        storeys += 1
    return storeys > MAX_DEPTH


def _check_address() -> None:
    environ = request.environ
    query = environ.get("QUERY_STRING", "")
    if len(query) + len(environ["PATH_INFO"]) > MAX_ADDRESS:
        raise RequestURITooLarge(f"Path and query may have {MAX_ADDRESS} characters.")
    if query.count("&") >= MAX_PARAMETERS:
        raise TooManyParameters(f"A query may have {MAX_PARAMETERS} parameters.")
