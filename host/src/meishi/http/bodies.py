"""Bodies of requests, whole or refused."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

IDENTITY = "identity"


def read_body() -> bytes:
    """Return the request's body; answer 413 if it is too large, 415 if it is compressed.

    A body of unknown length that reaches the limit was cut off there by the framework, without
    a word: it is refused like one that says its length.
    """
    if request.headers.get("Content-Encoding", IDENTITY).strip().lower() != IDENTITY:
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body
