"""Headers of every response: browsers guess, store, share and run nothing of what we send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DEFAULTS = {
    "cache-control": ("Cache-Control", "no-store"),
    "content-security-policy": (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    "cross-origin-opener-policy": ("Cross-Origin-Opener-Policy", "same-origin"),
    "cross-origin-resource-policy": ("Cross-Origin-Resource-Policy", "same-origin"),
    "permissions-policy": (
        "Permissions-Policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    "referrer-policy": ("Referrer-Policy", "no-referrer"),
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
}
#: Browsers that came over TLS once come no other way for a year.
_STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")

#: Where a request keeps the headers that its response will have, whatever that will be.
_ADDED = "meishi.headers"


def add_headers(*headers: tuple[str, str]) -> None:
    """Send headers with the response to the current request, be that a problem or not."""
    request.environ.setdefault(_ADDED, []).extend(headers)


def install_default_headers(app: Flask, *, public_url: str) -> None:
    """Send the safe headers with every response that does not bring its own."""
    defaults = dict(_DEFAULTS)
    if public_url.startswith("https:"):
        defaults[_STRICT_TRANSPORT[0].lower()] = _STRICT_TRANSPORT
    app.wsgi_app = _DefaultHeaders(app.wsgi_app, defaults)  # type: ignore[method-assign]


class _DefaultHeaders:
    """Adds them on the way out, as plain pairs: that is on the path of every request."""

    def __init__(self, application: WSGIApplication, defaults: dict[str, tuple[str, str]]) -> None:
        self._application = application
        self._defaults = defaults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [pair for name, pair in self._defaults.items() if name not in present]
            added = environ.get(_ADDED, ())
            return start_response(status, [*headers, *missing, *added], *error)

        return self._application(environ, start)
