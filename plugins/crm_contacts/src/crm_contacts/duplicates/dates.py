"""Comparing two dates of birth."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from crm_contacts.contract import Agreement, FieldEvidence
from crm_contacts.duplicates import weights
from crm_contacts.duplicates.profiles import Birthday

_PARTS = 2


def compare_birthdays(one: Birthday | None, other: Birthday | None) -> Iterator[FieldEvidence]:
    """Yield what two birthdays say, as far as both are known."""
    if one is None or other is None:
        return
    if one.is_full and other.is_full:
        agreement, bits = _full(one, other)
        yield FieldEvidence("birthday", agreement, round(bits, 2))
        return
    agreed = differ = 0.0
    if one.year and other.year:
        agreed += weights.BIRTHDAY_YEAR * (one.year == other.year)
        differ += weights.BIRTHDAY_DIFFERS * (one.year != other.year)
    if one.month and other.month:
        same = (one.month, one.day) == (other.month, other.day)
        agreed += weights.BIRTHDAY_DAY * same
        differ += weights.BIRTHDAY_DIFFERS * (not same)
    if agreed or differ:
        agreement = Agreement.DIFFERENT if differ else Agreement.SIMILAR
        yield FieldEvidence("birthday", agreement, round(agreed + differ, 2))


def _full(one: Birthday, other: Birthday) -> tuple[Agreement, float]:
    if one == other:
        placeholder = one.month == one.day == 1
        bits = weights.BIRTHDAY_PLACEHOLDER if placeholder else weights.BIRTHDAY_SAME
        return Agreement.SAME, bits
    exchanged = one.year == other.year and (one.month, one.day) == (other.day, other.month)
    if exchanged or OSA.distance(one.text, other.text, score_cutoff=1) <= 1:
        return Agreement.SIMILAR, weights.BIRTHDAY_SLIP
    same = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    if same == _PARTS:
        return Agreement.SIMILAR, weights.BIRTHDAY_TWO_PARTS
    return Agreement.DIFFERENT, weights.BIRTHDAY_DIFFERS
