"""What columns hold that nobody has named, told by their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crm_contacts.contract import ColumnTarget, TargetField

_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s()/.\-]{5,}")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1\d{2,4}")
_NAME = re.compile(r"[^\W\d_][^\d_@:/\\]*")
#: Characters of the longest value that is looked at.
_LONGEST = 320
#: Digits that are the least of a phone number; a postal code has fewer.
_PHONE_DIGITS = 7
_DIGITS = 5
#: The part of the values of a column that must be alike.
_MOST = 0.8


def is_value(cell: str) -> bool:
    """Whether a cell is nothing that names a column: an address, a link, a number or a date."""
    if len(cell) > _LONGEST:
        return False
    if _EMAIL.fullmatch(cell) or _LINK.fullmatch(cell) or _DATE.fullmatch(cell):
        return True
    return _PHONE.fullmatch(cell) is not None and _digits(cell) >= _DIGITS


def told_by_values(columns: Sequence[Sequence[str]]) -> dict[int, ColumnTarget]:
    """Return what the values of columns can be, by their positions: a guess, to be looked at.

    Those are emails, phones and links, and the first column of words is the name; two columns of
    single words next to each other are given name and family name.
    """
    found = {
        position: ColumnTarget(position=position, field=field)
        for position, values in enumerate(columns)
        if (field := _field(values)) is not None
    }
    return found | {item.position: item for item in _names(columns)}


def _field(values: Sequence[str]) -> TargetField | None:
    if _alike(values, _EMAIL):
        return TargetField.EMAIL
    if _alike(values, _LINK):
        return TargetField.LINK
    numbers = [value for value in values if _digits(value) >= _PHONE_DIGITS]
    dates = [value for value in values if _DATE.fullmatch(value)]
    if len(numbers) - len(dates) >= _MOST * len(values) and _alike(values, _PHONE):
        return TargetField.PHONE
    return None


def _names(columns: Sequence[Sequence[str]]) -> Iterator[ColumnTarget]:
    for position, values in enumerate(columns):
        if not _alike(values, _NAME) or _field(values) is not None:
            continue
        behind = columns[position + 1] if position + 1 < len(columns) else ()
        if _single(values) and _single(behind):
            yield ColumnTarget(position=position, field=TargetField.GIVEN_NAME)
            yield ColumnTarget(position=position + 1, field=TargetField.FAMILY_NAME)
        else:
            yield ColumnTarget(position=position, field=TargetField.NAME)
        return


def _single(values: Sequence[str]) -> bool:
    return _alike([value for value in values if " " not in value], _NAME, of=len(values))


def _alike(values: Sequence[str], pattern: re.Pattern[str], of: int | None = None) -> bool:
    fitting = sum(pattern.fullmatch(value) is not None for value in values)
    return fitting > 0 and fitting >= _MOST * (len(values) if of is None else of)


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))
