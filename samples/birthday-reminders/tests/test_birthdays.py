"""Birthdays: through the year, near, and gone with their contacts."""

from __future__ import annotations

from datetime import date

import pytest
from birthday_reminders.calendar import month_and_day, next_birthday


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("1985-02-28", (2, 28)),
        ("19850228", (2, 28)),
        ("--0229", (2, 29)),
        ("--02-29", (2, 29)),
        ("1985-02-28T10:00:00Z", (2, 28)),
        ("1985", None),
        ("1985-13-01", None),
        ("in May", None),
        (None, None),
    ],
)
def test_dates_as_vcard_has_them(written: str | None, found: tuple[int, int] | None) -> None:
    """With a year or without; what names no day is no birthday."""
    assert month_and_day(written) == found


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2027, 2, 28)),
        (date(2028, 2, 28), date(2028, 2, 29)),
        (date(2028, 3, 1), date(2029, 2, 28)),
    ],
)
def test_who_was_born_on_a_leap_day_has_a_birthday_each_year(today: date, found: date) -> None:
    """On 29 February where there is one, else the day before."""
    assert next_birthday(2, 29, today) == found
