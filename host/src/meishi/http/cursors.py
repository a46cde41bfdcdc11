"""Cursors of lists: signed text outside, a place in the list inside."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from flask import request
from marshmallow import fields

from meishi.context import current_scope
from meishi.sdk.contract import FieldError, InvalidCursor
from meishi.signing import ForgedText

#: The parameter that takes a cursor.
AFTER = "after"

#: Parameters that say how much of a list is shown, not which list it is.
_NOT_BINDING = frozenset({AFTER, "limit", "total", "fields", "include"})

_BYTES = 16
#: Octets of the digest of what a cursor belongs to.
_DIGEST = 8
CURSOR_EXAMPLE = urlsafe_b64encode(bytes(range(96, 144))).decode()

# ruff: noqa: ARG002 (the methods have marshmallow's signatures)


def invalid_cursor(said: str) -> InvalidCursor:
    """Return the problem of a cursor that cannot be gone on from."""
    hint = "Begin again without `after`, or send the query that the cursor was given for."
    error = FieldError(f"/query/{AFTER}", InvalidCursor.code, said)
    return InvalidCursor(f"{said} {hint}", errors=[error])


def sign_cursor(content: bytes) -> str:
    """Return a place in the requested list as text that only this list takes back."""
    return current_scope().host.signer.sign(_purpose(), content)


def read_cursor(text: str) -> bytes:
    """Return the place in a text; raise `InvalidCursor` unless the requested list gave it."""
    try:
        return current_scope().host.signer.read(_purpose(), text)
    except ForgedText as error:
        raise invalid_cursor("Not a cursor of this list.") from error


def digest_of(chosen: object) -> bytes:
    """Return a few octets that tell what was chosen from anything else."""
    return blake2b(msgspec.msgpack.encode(chosen), digest_size=_DIGEST).digest()


class CursorField(fields.Field[UUID]):
    """Where a page begins, an id inside; it belongs to all else that the query says."""

    def __init__(self, *, metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        described = {"type": "string", "example": CURSOR_EXAMPLE, **(metadata or {})}
        super().__init__(metadata=described, **kwargs)

    def _serialize(self, value: UUID | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else sign_cursor(_digest_of_query() + value.bytes)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> UUID:
        content = read_cursor(str(value))
        if len(content) != _DIGEST + _BYTES or content[:_DIGEST] != _digest_of_query():
            raise invalid_cursor("The cursor belongs to another query of the list.")
        return UUID(bytes=content[_DIGEST:])


def _purpose() -> str:
    """Return what a cursor is for: one list of one workspace, under its address."""
    return f"cursor:{current_scope().workspace_id}:{request.path}"


def _digest_of_query() -> bytes:
    return digest_of(
        sorted(pair for pair in request.args.items(multi=True) if pair[0] not in _NOT_BINDING)
    )
