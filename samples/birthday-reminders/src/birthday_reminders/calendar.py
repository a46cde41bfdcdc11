"""Birthdays in the calendar."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date

#: A date as vCard has it: with a year or without, with hyphens or without.
_DATE = re.compile(r"(?:\d{4}-|\d{4}|--)(\d{2})-?(\d{2})(?:T.*)?\Z")

_LEAP = 2000


def month_and_day(written: str | None) -> tuple[int, int] | None:
    """Return the day of the year that a birthday says, None if it says none."""
    found = None if written is None else _DATE.match(written)
    if found is None:
        return None
    month, day = int(found[1]), int(found[2])
    try:
        date(_LEAP, month, day)
    except ValueError:
        return None
    return month, day


def next_birthday(month: int, day: int, today: date) -> date:
    """Return the next birthday, today at the soonest; 29 February is the 28th in other years."""
    for year in (today.year, today.year + 1):
        there = day if (month, day) != (2, 29) or isleap(year) else 28
        found = date(year, month, there)
        if found >= today:
            return found
    raise AssertionError("unreachable")


def celebrated_on(day: date) -> list[tuple[int, int]]:
    """Return the days of the year that are celebrated on a date: mostly its own."""
    days = [(day.month, day.day)]
    if next_birthday(2, 29, day) == day and days != [(2, 29)]:
        days.append((2, 29))
    return days
