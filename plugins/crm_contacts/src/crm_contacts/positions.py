"""Jobs that somebody has and had: what one must keep to, and which of them say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from crm_contacts.contract import Position
from crm_contacts.normal_forms import text_form
from meishi.sdk.contract import FieldError

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_FIRST = ("", "-01", "-01-01")
_MONTH, _DAY = len("2019-03"), len("2019-03-01")


def position_errors(pointer: str, position: Position) -> Iterator[FieldError]:
    """Yield what is wrong with a job; nothing for a good one."""
    said = (position.organisation, position.title, position.role)
    if not any(text and text.strip() for text in said):
        message = "A job has an organisation, a title or a role."
        yield FieldError(f"{pointer}/organisation", "required", message)
    start, end = position.start_date, position.end_date
    dates = {"start_date": start, "end_date": end}
    wrong = [name for name, text in dates.items() if text is not None and not is_date(text)]
    for name in wrong:
        message = "A year, a month or a day: 2019, 2019-03 or 2019-03-01."
        yield FieldError(f"{pointer}/{name}", "invalid", message)
    if not wrong and start and end and ends_before(start, end):
        yield FieldError(f"{pointer}/end_date", "invalid", "It ends before it begins.")
    if position.current and end is not None:
        yield FieldError(f"{pointer}/end_date", "invalid", "A current job has not ended.")


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day that there is."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + _FIRST[(_DAY - len(text)) // 3])
    except ValueError:
        return False
    return True


def ends_before(start: str, end: str) -> bool:
    """Whether an end is before a start, as far as both are known."""
    known = min(len(start), len(end))
    return end[:known] < start[:known]


def united_positions(
    stored: Sequence[Position], incoming: Sequence[Position]
) -> tuple[Position, ...]:
    """Return all jobs of both, of those that are the same the one that says most.

    Uniting with the same jobs again changes nothing.
    """
    united = list(stored)
    for position in incoming:
        if any(_says_all(known, position) for known in united):
            continue
        poorer = [place for place, known in enumerate(united) if _says_all(position, known)]
        if poorer:
            united[poorer[0]] = position
        else:
            united.append(position)
    return tuple(united)


def position_text(position: Position) -> str:
    """Return a job as people write it: `Architect, Lindqvist Arkitekter (2019-03/2021)`."""
    parts = (position.title, position.role, position.organisation, *position.units)
    said = ", ".join(filter(None, parts))
    dates = (position.start_date or "", position.end_date or "")
    return f"{said} ({'/'.join(dates)})" if any(dates) else said


def _says_all(one: Position, other: Position) -> bool:
    """Whether a job is another one, and says all of it, and maybe more."""
    return (
        _job(one) == _job(other)
        and (one.start_date or "").startswith(other.start_date or "")
        and (one.end_date or "").startswith(other.end_date or "")
        and (not other.note or text_form(one.note) == text_form(other.note))
    )


def _job(position: Position) -> tuple[object, ...]:
    texts = (position.organisation, position.title, position.role, *position.units)
    return (position.current, *(text_form(text) for text in texts))
