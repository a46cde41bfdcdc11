"""Bodies of requests, whole or refused."""

from __future__ import annotations

import io

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, UnsupportedMediaType

IDENTITY = "identity"


def read_body() -> bytes:
    """Return the request's body; answer 413 if it is too large, 415 if it is compressed.

    A body of unknown length that reaches the limit was cut off there by the framework, without
    a word: it is refused like one that says its length.
    """
    _refuse_encoded()
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body


class BodyStream(io.RawIOBase):
    """The request's body, read in pieces; refused as `read_body` does, and if it breaks off."""

    def __init__(self) -> None:
        _refuse_encoded()
        self._stream = request.stream
        self._length = request.content_length
        self._limit = request.max_content_length
        self._passed = 0

    def read(self, size: int = -1) -> bytes:
        """Return as many octets, or all; fewer only at the end."""
        found = bytearray()
        while (size < 0 or len(found) < size) and self._passed != self._length:
            piece = self._stream.read(_PIECE if size < 0 else size - len(found))
            if not piece:
                self._check_end()
                break
            self._passed += len(piece)
            found += piece
        return bytes(found)

    def _check_end(self) -> None:
        if self._length is None and self._limit is not None and self._passed >= self._limit:
            raise RequestEntityTooLarge
        if self._length is not None and self._passed < self._length:
            raise ClientDisconnected


_PIECE = 64 * 1024


def _refuse_encoded() -> None:
    if request.headers.get("Content-Encoding", IDENTITY).strip().lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
