"""Statements about attempts to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from meishi.core.identity.models import attempt
from meishi.sdk.database import current_connection, execute

# Counted before the password is looked at, so that many at once are many: the row is locked, and
# who comes while it is closed gets no row back. After a day without any all is forgotten.
_TAKE = """
    INSERT INTO identity.attempt AS a (key, failures, last_at, closed_until)
    VALUES (%(key)s, 1, %(at)s, 'epoch')
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN a.last_at < %(forgotten)s THEN 1 ELSE a.failures + 1 END,
        last_at = excluded.last_at,
        closed_until = CASE
            WHEN a.last_at < %(forgotten)s OR a.failures + 1 < %(free)s THEN 'epoch'
            ELSE %(at)s + make_interval(
                secs => least(power(2, least(a.failures + 1 - %(free)s, 30)), %(longest)s))
        END
    WHERE a.closed_until <= %(at)s OR a.last_at < %(forgotten)s
    RETURNING failures
"""
_WAIT = "SELECT closed_until FROM identity.attempt WHERE key = %(key)s"


def take(key: bytes, at: datetime, *, forgotten: datetime, free: int, longest: int) -> bool:
    """Count an attempt; return False if none is allowed at the moment.

    After `free` of them each makes the next one wait: 1 second, 2, 4 and so on, `longest` at most.
    """
    values = {"key": key, "at": at, "forgotten": forgotten, "free": free, "longest": longest}
    return bool(execute(_TAKE, values))


def closed_until(key: bytes) -> datetime | None:
    """Return until when no attempt is allowed."""
    for (until,) in execute(_WAIT, {"key": key}):
        found: datetime = until
        return found
    return None


def forget(key: bytes) -> None:
    """Delete what was counted."""
    current_connection().execute(delete(attempt).where(attempt.c.key == key))


def give_back(key: bytes) -> None:
    """Take the last attempt back, as it was none."""
    execute(
        "UPDATE identity.attempt SET failures = greatest(failures - 1, 0), "
        "closed_until = 'epoch' WHERE key = %(key)s",
        {"key": key},
    )


def forget_old(before: datetime) -> None:
    """Delete what nobody has added to for long."""
    current_connection().execute(delete(attempt).where(attempt.c.last_at < before))
