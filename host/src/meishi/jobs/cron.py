"""The ticks of a schedule: cron's five fields, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta


def last_tick(cron: str, now: datetime) -> datetime:
    """Return the newest time of a schedule that is not after `now`."""
    from croniter import croniter

    found: datetime = croniter(cron, now + timedelta(microseconds=1)).get_prev(datetime)
    return found


def next_tick(cron: str, now: datetime) -> datetime:
    """Return the first time of a schedule after `now`."""
    from croniter import croniter

    found: datetime = croniter(cron, now).get_next(datetime)
    return found
