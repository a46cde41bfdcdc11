"""Faults of files: a line that names the file, in place of the system's objection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from meishi.sdk.cli import OperatorError


@contextmanager
def naming(file: object, done: str, *, hint: str = "") -> Iterator[None]:
    """Turn the system's objection into a line that names the file.

    Whoever reads a pipe may stop: that goes on as it is.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OperatorError(f"{file} cannot be {done}: {error.strerror}.", hint=hint) from error
