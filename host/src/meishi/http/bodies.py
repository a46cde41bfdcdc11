"""Bodies of requests, whole or refused."""

from __future__ import annotations

import io

from flask import request
from werkzeug.exceptions import ClientDisconnected, LengthRequired, UnsupportedMediaType

IDENTITY = "identity"


def read_body() -> bytes:
    """Return the request's body; answer 413 if it is too large, 415 if it is compressed.

    A body must say its length (411): the server hides from us whether one without was cut off.
    """
    _refuse_unreadable()
    return request.get_data()


class BodyStream(io.RawIOBase):
    """The request's body, read in pieces; refused as `read_body` does, and if it breaks off."""

    def __init__(self) -> None:
        _refuse_unreadable()
        self._stream = request.stream
        self._missing = request.content_length or 0

    def read(self, size: int = -1) -> bytes:
        """Return as many octets, or all; fewer only at the end."""
        found = bytearray()
        while (size < 0 or len(found) < size) and self._missing:
            piece = self._stream.read(_PIECE if size < 0 else size - len(found))
            if not piece:
                raise ClientDisconnected
            self._missing -= len(piece)
            found += piece
        return bytes(found)


_PIECE = 64 * 1024


def _refuse_unreadable() -> None:
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired("Send the body with its Content-Length, not in chunks.")
    if request.headers.get("Content-Encoding", IDENTITY).strip().lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
