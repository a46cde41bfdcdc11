"""Periods of days in UTC, and the pieces that they fall into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from meishi.core.analytics.contract import Interval, Period

_DAY = timedelta(days=1)


def last_days(today: date, days: int) -> Period:
    """Return so many days, today being the last one."""
    return Period(since=today - timedelta(days=days - 1), until=today + _DAY)


def beginnings(period: Period, interval: Interval) -> Iterator[date]:
    """Yield the first days of the pieces of a period; the first piece may begin before it."""
    day = _beginning(period.since, interval)
    while day < period.until:
        yield day
        day = (
            _beginning(day + timedelta(days=31), interval)
            if interval is Interval.MONTH
            else (day + (timedelta(days=7) if interval is Interval.WEEK else _DAY))
        )


def _beginning(day: date, interval: Interval) -> date:
    if interval is Interval.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if interval is Interval.WEEK else day
