"""Headers of every response: browsers guess, store and run nothing of what we send."""

from __future__ import annotations

from flask import Flask, Response

_DEFAULTS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install_default_headers(app: Flask) -> None:
    """Send the safe headers with every response that does not bring its own."""

    def add_defaults(response: Response) -> Response:
        for name, value in _DEFAULTS.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add_defaults)
