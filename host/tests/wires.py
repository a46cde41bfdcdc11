"""What stands before one side of a split deployment: it lets requests through, or does not."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[..., Iterable[bytes]]

#: What is done with a request: it may have `inside` answer, and says what goes back.
Deed = Callable[[Wsgi, dict[str, Any], Any], Iterable[bytes]]


class Wire:
    """Does something with requests to addresses with a word in them; `met` counts those."""

    def __init__(self, inside: Wsgi, word: str) -> None:
        self._inside = inside
        self._word = word
        self.met = 0
        self.deed: Deed | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        if self._word not in environ["PATH_INFO"]:
            return self._inside(environ, start_response)
        self.met += 1
        deed = self.deed or through
        return deed(self._inside, environ, start_response)


def through(inside: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Let it be answered."""
    return inside(environ, start_response)


def away(_: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as a proxy does behind which nobody is."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("502 Bad Gateway", [("Content-Length", "0")])
    return [b""]


def dead(_: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Have the connection end as that of a process that is killed while it is at work."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


def lost(inside: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Have everything done, and the connection end before the answer."""
    answer = b"".join(inside(environ, start_response))
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return [answer]


def saying(status: str, content: bytes, *headers: tuple[str, str], length: bool = True) -> Deed:
    """Return what answers so, whoever asks for whatever; without a `length`, until it closes."""
    told = [("Content-Length", str(len(content)))] if length else []

    def deed(_: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [*told, *headers])
        return [content]

    return deed
