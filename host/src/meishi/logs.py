"""Structured logs: one JSON document a line on stderr."""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger


@cache
def logger(level: str) -> FilteringBoundLogger:
    """Return the process's logger for messages of at least this level.

    structlog comes in with the first message: it is slow to import, and a server that has
    nothing to say should not wait for it.
    """
    import structlog

    wrapper = structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()])
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(),
        structlog.processors.JSONRenderer(),
    ]
    return cast(
        "FilteringBoundLogger",
        structlog.wrap_logger(
            structlog.WriteLogger(sys.stderr), processors=processors, wrapper_class=wrapper
        ),
    )
