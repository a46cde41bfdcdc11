"""Dates as vCard writes them, in the extended form of ISO 8601 that JSON asks for."""

from __future__ import annotations

import re

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)-?(?P<day>\d\d)|-(?P<only_month>\d\d))?"
    r"|--(?P<m>\d\d)(?:-?(?P<d>\d\d))?|---(?P<only_day>\d\d)",
    re.ASCII,
)
_TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d))?)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_HOURS_ALONE = len("+01")


def extended(text: str) -> str | None:
    """Return a date, a time or both in the extended form; None for anything else."""
    date, mark, time = text.partition("T")
    said = extended_date(date) if date or not mark else ""
    if said is None or not mark:
        return said
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    hour, minute, second, zone = match.groups(default="")
    if len(zone) > _HOURS_ALONE:
        zone = f"{zone[:_HOURS_ALONE]}:{zone[-2:]}"
    return f"{said}T{':'.join(filter(None, (hour, minute, second)))}{zone}"


def extended_date(text: str) -> str | None:
    """Return a date in the extended form: `1985-04-12`, `1985-04`, `1985`, `--04-12`, `---12`."""
    match = _DATE.fullmatch(text)
    if match is None or match["only_day"]:
        return match and text
    if match["m"]:
        return "-".join(filter(None, (f"--{match['m']}", match["d"])))
    month = match["month"] or match["only_month"]
    return "-".join(filter(None, (match["year"], month, match["day"])))


def as_in_cards(text: str) -> str:
    """Return a date of JSON as cards have it: without a year, no hyphen parts month and day."""
    match = _DATE.fullmatch(text)
    return f"--{match['m']}{match['d'] or ''}" if match and match["m"] else text
