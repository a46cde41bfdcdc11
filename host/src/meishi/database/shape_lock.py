"""The lock that lets one process at a time change the database's shape."""

from __future__ import annotations

from psycopg import errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from meishi.errors import DatabaseUnavailable

#: Key of the advisory lock.
SHAPE_LOCK = 0x6D656973


def lock_shape(connection: Connection, seconds: float) -> None:
    """Wait until no other process changes the database's shape, but not for ever."""
    connection.execute(text(f"SET LOCAL lock_timeout = {int(seconds * 1000)}"))
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SHAPE_LOCK})
    except DBAPIError as error:
        if not isinstance(error.orig, errors.LockNotAvailable):
            raise
        raise DatabaseUnavailable(
            f"Another process has been changing the database for {seconds:g} s.",
            hint="Try again when it has ended.",
        ) from error
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
