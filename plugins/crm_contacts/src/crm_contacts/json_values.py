"""JSON in which contacts are written, read within limits."""

from __future__ import annotations

import re
from typing import Any

import msgspec

#: How deep arrays and objects may be nested in one another; cards need six of these.
MAX_DEPTH = 64

NOT_JSON = "not JSON"
TOO_DEEP = f"nested more than {MAX_DEPTH} deep"

#: All but brackets: texts, and whatever stands between them.
_OTHERS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"|[^]["{}]++', re.DOTALL)
_ESCAPE = re.compile(rb"\\(u0000|.)", re.DOTALL)


class JsonError(ValueError):
    """Octets are no JSON, or more of it than is read; `reason` says why in plain English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode_json(content: bytes) -> Any:
    """Return what a JSON text (RFC 8259) says, without NUL, which PostgreSQL cannot store.

    Of several members of a name, it is the last one.

    :raises JsonError: if it is none, or is nested deeper than `MAX_DEPTH`
    """
    if depth_of(content) > MAX_DEPTH:
        raise JsonError(TOO_DEEP)
    if b"\\u0000" in content:
        content = _ESCAPE.sub(lambda match: b"" if match[1] == b"u0000" else match[0], content)
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonError(f"{NOT_JSON}: {error}") from error


def depth_of(content: bytes) -> int:
    """Return how deep a text is nested, whether or not it is JSON; at most so deep if it is not."""
    depth, brackets = 0, _OTHERS.sub(b"", content)
    while brackets and depth <= MAX_DEPTH:
        outer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if outer == brackets:
            return depth + len(outer)
        depth, brackets = depth + 1, outer
    return depth


def encode_json(value: object) -> str:
    """Return a value as compact JSON.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    return msgspec.json.encode(value).decode()
