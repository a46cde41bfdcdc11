"""Schedules in cron's notation: five fields of numbers, ranges, lists and steps."""

from __future__ import annotations

import re

#: Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday).
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_ITEM = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([1-9][0-9]?))?")


def schedule_fault(schedule: object) -> str:
    """Return what is wrong with a schedule, or nothing."""
    if not isinstance(schedule, str):
        return f"must be a text, not {schedule!r}"
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"must have the five fields of cron: {schedule!r}"
    for (name, low, high), field in zip(_FIELDS, fields, strict=True):
        if not all(_in_range(item, low, high) for item in field.split(",")):
            return f"has no {name} from {low} to {high} in {field!r}: {schedule!r}"
    return ""


def _in_range(item: str, low: int, high: int) -> bool:
    found = _ITEM.fullmatch(item)
    if found is None:
        return False
    first = int(found[1] or low)
    last = int(found[2] or first)
    return low <= first <= last <= high
