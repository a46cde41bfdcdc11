"""Requests of a plugin that runs elsewhere: admitted here, answered there, and handed back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from meishi.host import Host
from meishi.http.bodies import read_body
from meishi.lifecycle.contribution import Contribution
from meishi.remote.line import Message, Reply

#: What belongs to one connection, says who calls, or is made anew on the way.
_OF_REQUESTS = frozenset(
    "authorization cookie host connection keep-alive proxy-authorization te trailer upgrade"
    " transfer-encoding content-length expect accept-encoding x-forwarded-for x-forwarded-proto"
    " x-forwarded-host forwarded".split()
)
_OF_ANSWERS = frozenset(
    "connection keep-alive transfer-encoding content-length date server set-cookie".split()
)
_INTERNAL = "meishi-"
_DOTS = frozenset({".", ".."})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY = "Idempotency-Key"


def handed_on(host: Host, contribution: Contribution) -> Callable[..., Any]:
    """Return a view that has the plugin's service answer, and hands the answer back."""
    assert contribution.placement is not None
    way = host.ways.to(contribution.placement)

    def view(**_: Any) -> Response:
        reply = way.hand_on(
            contribution.plugin,
            request_as_message(),
            # PUT and DELETE say the same twice, but a condition may hold only the first time.
            repeatable=is_safe() or (request.method == "POST" and _KEY in request.headers),
        )
        return reply_as_response(reply)

    return view


def is_safe() -> bool:
    """Whether the request's method says that it only reads."""
    return request.method in _SAFE


def request_as_message(*more: tuple[str, str]) -> Message:
    """Return the request as it is handed on, with headers of ours besides."""
    return Message(
        method=request.method,
        path=_address(),
        headers=[*_headers(), *more],
        body=b"" if is_safe() else read_body(),
    )


def reply_as_response(reply: Reply) -> Response:
    """Return an answer as it is handed back."""
    response = Response(reply.body, reply.status)
    response.headers.clear()
    for name, value in reply.headers:
        if name not in _OF_ANSWERS and not name.startswith(_INTERNAL):
            response.headers.add(name, value)
    return response


def _address() -> str:
    """Return path and query as they came; what was escaped stays so.

    What is on the way may shorten a path with dots, so that it led somewhere else, to an address of
    processes even: who wrote such a path is told that there is nothing.
    """
    if not _DOTS.isdisjoint(request.path.split("/")):
        raise NotFound("There is nothing at an address with dots for a part.")
    query = request.query_string.decode("latin-1")
    path = request.environ.get("RAW_URI", "").partition("?")[0]
    if not path.startswith("/"):
        from urllib.parse import quote

        path = quote(request.path, safe="/:@!$&'()*+,;=-._~")
    return f"{path}?{query}" if query else path


def _headers() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.headers
        if name.lower() not in _OF_REQUESTS and not name.lower().startswith(_INTERNAL)
    ]
