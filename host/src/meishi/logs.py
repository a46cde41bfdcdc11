"""Structured logs: one JSON document a line on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO, cast
from uuid import UUID

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

_NOTHING: Mapping[str, object] = MappingProxyType({})

_around: ContextVar[Mapping[str, object]] = ContextVar("meishi_logged", default=_NOTHING)


class logged:  # noqa: N801 (used like the functions of contextlib)
    """Run a block in which every message carries these fields; a message's own come first.

    They say where something happened: names and ids, never payloads or secrets. `event` is the
    message itself, so an event's id is called `event_id`. On the way of every delivery, hence no
    generator, and nothing of structlog.
    """

    __slots__ = ("_fields", "_token")

    _token: Token[Mapping[str, object]]

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        """Add the fields to those of the blocks around."""
        self._token = _around.set({**_around.get(), **self._fields})

    def __exit__(self, *_: object) -> None:
        """Go on with the fields of the blocks around."""
        _around.reset(self._token)


class _Stderr:
    """Whatever is stderr at the moment: it may be replaced, and closed, while a logger is kept."""

    def write(self, text: str) -> int:
        """Write a text."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Write out what is held back."""
        sys.stderr.flush()


@cache
def logger(level: str) -> FilteringBoundLogger:
    """Return the process's logger for messages of at least this level.

    structlog comes in with the first message: it is slow to import, and a server that has
    nothing to say should not wait for it.
    """
    import structlog

    wrapper = structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()])
    processors: list[Any] = [
        _add_fields,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(),
        structlog.processors.JSONRenderer(),
    ]
    return cast(
        "FilteringBoundLogger",
        structlog.wrap_logger(
            structlog.WriteLogger(cast("TextIO", _Stderr())),
            processors=processors,
            wrapper_class=wrapper,
        ),
    )


def _add_fields(
    _logger: object, _method: str, message: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Add the fields of the blocks around; ids are written as people write them."""
    return {
        name: str(value) if isinstance(value, UUID) else value
        for name, value in {**_around.get(), **message}.items()
    }
