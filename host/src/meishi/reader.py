"""Who reads what is made here for another process: their language, and what their forms carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPlace:
    """Where a panel comes to stand: its heading, and the address that it is fetched from."""

    name: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The language of who reads (`de`), and the token of forms that their browser is bound to.

    `panels` are those that others show on the page that they read.
    """

    locale: str
    form_token: str = field(repr=False)
    panels: tuple[PanelPlace, ...] = ()


_current: ContextVar[Reader | None] = ContextVar("meishi_reader", default=None)


def current_reader() -> Reader | None:
    """Return who reads; None where that is whoever sends the current request."""
    return _current.get()


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """Run a block that makes something for a reader."""
    token = _current.set(reader)
    try:
        yield
    finally:
        _current.reset(token)
