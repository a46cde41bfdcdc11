"""What comes by itself: forgetting what ended long ago."""

from __future__ import annotations

from meishi.core.operations.contract import Operations
from meishi.sdk.context import service

#: Days for which callers may still ask how an operation ended.
KEPT_DAYS = 30


def forget_ended() -> None:
    """Forget the operations of a workspace that ended long ago."""
    service(Operations).forget(days=KEPT_DAYS)
