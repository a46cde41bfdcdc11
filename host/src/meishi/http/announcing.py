"""Saying with every answer of a deprecated operation that it is one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, after_this_request, request

from meishi.host import Host
from meishi.http.routes import Route
from meishi.logs import logger


def announced(host: Host, route: Route, view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view whose answers, problems included, say which operations are deprecated.

    That somebody uses one is logged once in each process.
    """
    if not route.deprecations:
        return view
    headers = {method: [*found.headers()] for method, found in route.deprecations.items()}
    unused = set(headers)

    @wraps(view)
    def handle(*args: Any, **kwargs: Any) -> Any:
        method = request.method
        if method in headers:
            after_this_request(announce)
        if method in unused:
            unused.discard(method)
            logger(host.settings.log_level).warning(
                "deprecated_operation",
                plugin=route.plugin,
                operation=f"{method} {route.path}",
                sunset=dict(headers[method]).get("Sunset"),
            )
        return view(*args, **kwargs)

    def announce(response: Response) -> Response:
        for name, value in headers[request.method]:
            response.headers.add(name, value)
        return response

    return handle
