"""Headers of every response: browsers guess, store and run nothing of what we send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DEFAULTS = {
    "cache-control": ("Cache-Control", "no-store"),
    "content-security-policy": (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    "referrer-policy": ("Referrer-Policy", "no-referrer"),
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
}


def install_default_headers(app: Flask) -> None:
    """Send the safe headers with every response that does not bring its own."""
    app.wsgi_app = _DefaultHeaders(app.wsgi_app)  # type: ignore[method-assign]


class _DefaultHeaders:
    """Adds them on the way out, as plain pairs: that is on the path of every request."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [pair for name, pair in _DEFAULTS.items() if name not in present]
            return start_response(status, [*headers, *missing], *error)

        return self._application(environ, start)
