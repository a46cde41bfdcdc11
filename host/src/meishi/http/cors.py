"""Requests that the pages of other origins send from their visitors' browsers (CORS)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What other origins may reach.
_ROOT = "/api/"

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
#: Headers of requests that browsers ask for beforehand.
_REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, traceparent"
)
#: Headers of responses that scripts may read.
_EXPOSED = (
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed, "
    "Deprecation, Sunset"
)
#: Seconds that a browser remembers a permission.
_MAX_AGE = "600"

_VARY = ("Vary", "Origin")


def install_cors(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of some origins use the API with a token; without any, everything stays as it is.

    Cookies are never let through: there is no `Access-Control-Allow-Credentials`.
    """
    if origins:
        app.wsgi_app = _Cors(app.wsgi_app, frozenset(origins))  # type: ignore[method-assign]


class _Cors:
    """Answers what browsers ask beforehand, and says of each response who may read it."""

    def __init__(self, application: WSGIApplication, origins: frozenset[str]) -> None:
        self._application = application
        self._origins = origins

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if not environ["PATH_INFO"].startswith(_ROOT):
            return self._application(environ, start_response)
        origin = environ.get("HTTP_ORIGIN")
        allowed = [("Access-Control-Allow-Origin", origin)] if origin in self._origins else []
        if allowed and _is_preflight(environ):
            start_response("204 No Content", [*allowed, *_permissions()])
            return []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            exposed = [("Access-Control-Expose-Headers", _EXPOSED)] if allowed else []
            if allowed:
                headers = [pair for pair in headers if pair[0] != "Cross-Origin-Resource-Policy"]
                exposed.append(("Cross-Origin-Resource-Policy", "cross-origin"))
            return start_response(status, [*headers, _VARY, *allowed, *exposed], *error)

        return self._application(environ, start)


def _is_preflight(environ: WSGIEnvironment) -> bool:
    asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return environ["REQUEST_METHOD"] == "OPTIONS" and asked


def _permissions() -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Methods", _METHODS),
        ("Access-Control-Allow-Headers", _REQUEST_HEADERS),
        ("Access-Control-Max-Age", _MAX_AGE),
        ("Cache-Control", "no-store"),
        _VARY,
    ]
