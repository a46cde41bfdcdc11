"""Cursors of lists: opaque text outside, a place in the order of ids inside."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields

_BYTES = 16
_EXAMPLE = "AZOdLF9uehuMPU5fYHGCkw"

# ruff: noqa: ARG002 (the methods have marshmallow's signatures)


class CursorField(fields.Field[UUID]):
    """Where a page begins; callers hand back what they were given, and read nothing into it."""

    def __init__(self, *, metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        described = {"type": "string", "example": _EXAMPLE, **(metadata or {})}
        super().__init__(metadata=described, **kwargs)

    def _serialize(self, value: UUID | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else urlsafe_b64encode(value.bytes).rstrip(b"=").decode()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> UUID:
        try:
            octets = urlsafe_b64decode(f"{value}==".encode("ascii"))
        except (UnicodeEncodeError, NotBase64):
            octets = b""
        if len(octets) != _BYTES:
            raise ValidationError("Not a cursor of this list.")
        return UUID(bytes=octets)
