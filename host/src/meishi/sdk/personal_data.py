"""What a plugin needs to know personal values again without keeping them."""

from __future__ import annotations

from meishi.context import current_scope

__all__ = ["keyed_digest"]


def keyed_digest(purpose: str, content: bytes) -> bytes:
    """Return 32 octets (HMAC-SHA256) by which the running plugin knows content again.

    The deployment's key is in them: nobody without it can find out the content by trying, and
    neither other plugins nor other purposes get the same octets.
    """
    scope = current_scope()
    return scope.host.signer.digest(f"{scope.work.plugin}/{purpose}", content)
