"""Secrets that are handed out once, and of which only a hash is stored."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits, as they stand in an address or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def secret_hash(secret: str) -> bytes:
    """Return what is stored of a secret; its random bits need no salt and no slow function."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
