"""Bodies of requests, whole or refused."""

from __future__ import annotations

import io
from hashlib import blake2b

from flask import request
from werkzeug.exceptions import ClientDisconnected, LengthRequired, UnsupportedMediaType

IDENTITY = "identity"


def read_body() -> bytes:
    """Return the request's body; answer 413 if it is too large, 415 if it is compressed.

    One that breaks off is refused (400). It must say its length (411): the server hides from us
    whether one without was cut off.
    """
    _refuse_unreadable()
    body = request.get_data()
    if len(body) < (request.content_length or 0):
        raise ClientDisconnected
    request.environ[_WHOLE] = True
    return body


def body_in_hand() -> bytes:
    """Return the request's body if somebody has read it whole; nothing is waited for."""
    return request.get_data() if request.environ.get(_WHOLE) else b""


class BodyStream(io.RawIOBase):
    """The request's body, read in pieces; refused as `read_body` does, and if it breaks off."""

    def __init__(self) -> None:
        _refuse_unreadable()
        self._stream = request.stream
        self._missing = request.content_length or 0
        self._digest = request.environ.get(_DIGEST)
        if self._digest is not None:
            request.environ.setdefault(_HASHED, self)

    def read(self, size: int = -1) -> bytes:
        """Return as many octets, or all; fewer only at the end."""
        found = bytearray()
        while (size < 0 or len(found) < size) and self._missing:
            piece = self._stream.read(_PIECE if size < 0 else size - len(found))
            if not piece:
                raise ClientDisconnected
            self._missing -= len(piece)
            found += piece
        if self._digest is not None:
            self._digest.update(found)
        return bytes(found)


_PIECE = 64 * 1024
#: Where a request keeps the hash of its body, and the stream that is hashed while it is read.
_DIGEST = "meishi.body_digest"
_HASHED = "meishi.body_stream"
#: Where it keeps that its body was read whole.
_WHOLE = "meishi.body_read"


def hash_body() -> None:
    """Hash what is read of the request's body in pieces from now on."""
    request.environ[_DIGEST] = blake2b()


def body_hash(*, in_pieces: bool = False) -> bytes:
    """Return the hash of the whole body after `hash_body`, whoever has read how much of it.

    `in_pieces` says that nobody has read any of it, and that it may be large.
    """
    stream = request.environ.get(_HASHED) or (BodyStream() if in_pieces else None)
    if stream is None:
        return blake2b(read_body()).digest()
    while stream.read(_PIECE):
        pass
    digest: bytes = request.environ[_DIGEST].digest()
    return digest


def _refuse_unreadable() -> None:
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired("Send the body with its Content-Length, not in chunks.")
    if request.headers.get("Content-Encoding", IDENTITY).strip().lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
