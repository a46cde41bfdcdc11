"""Who visits a page that is made here for another process: what only that one can see of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The address that a visitor comes from, of IPv6 the network of the line.

    `referral` is what led their browser here, as it keeps that; None for nothing.
    """

    address: str = field(repr=False)
    referral: str | None = None


_current: ContextVar[Visitor | None] = ContextVar("meishi_visitor", default=None)


def current_visitor() -> Visitor | None:
    """Return who visits; None where that is whoever sends the current request."""
    return _current.get()


@contextmanager
def visited_by(visitor: Visitor | None) -> Iterator[None]:
    """Run a block that makes something for a visitor, if one is told of."""
    token = _current.set(visitor)
    try:
        yield
    finally:
        _current.reset(token)
