"""Birthdays in the notations of address books."""

from __future__ import annotations

import re
from datetime import date

DAY_FIRST = "day"
MONTH_FIRST = "month"

_WITHOUT_YEAR = re.compile(r"--(\d\d)-?(\d\d)")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_NONE = re.compile(r"0{1,2}([./-])0{1,2}\1(?:00|0000)")


def is_no_date(text: str) -> bool:
    """Whether `text` is what Outlook writes where there is no date (`0/0/00`)."""
    return _NONE.fullmatch(text.strip()) is not None


def birthday(text: str, first: str | None) -> str:
    """Return a date as `1981-01-20`, without its year as `--0120`, or else as it is written.

    With dots the day comes first. Otherwise `first` decides, unless only one reading is a
    date; where nothing decides, the text stays as it is.
    """
    text = text.strip()
    if match := _WITHOUT_YEAR.fullmatch(text):
        return f"--{match[1]}{match[2]}"
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return text
    one, other, year = int(match[1]), int(match[3]), int(match[4])
    by_day, by_month = _date(year, other, one), _date(year, one, other)
    if match[2] == ".":
        found = by_day
    elif by_day is None or by_month is None or by_day == by_month:
        found = by_day or by_month
    else:
        found = {DAY_FIRST: by_day, MONTH_FIRST: by_month}.get(first or "")
    return found.isoformat() if found else text


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
