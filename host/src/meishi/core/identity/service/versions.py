"""Versions of what keeps no count of its changes: they stand for what can be changed."""

from __future__ import annotations

from hashlib import blake2b

#: Of the hash; as many as make a number that an entity tag may hold.
_BYTES = 3


def version_of(*values: str) -> int:
    """Return a number that is the same for the same values, and hardly ever for others."""
    digest = blake2b("\0".join(values).encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest)
