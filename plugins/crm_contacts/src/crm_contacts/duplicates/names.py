"""Comparing the names of two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log2

from rapidfuzz.distance import OSA, JaroWinkler

from crm_contacts.contract import Agreement, FieldEvidence
from crm_contacts.duplicates import weights
from crm_contacts.duplicates.frequencies import FAMILY, GIVEN, Frequencies
from crm_contacts.duplicates.profiles import Profile

_INITIALS = 1
#: Given and family name are tried the other way round where neither fits well.
_POOR = 2.0
_SHORT_FORM = 3
_LETTERS_PER_SLIP = 3


def compare_names(
    one: Profile, other: Profile, frequencies: Frequencies
) -> Iterator[FieldEvidence]:
    """Yield what given name, family name and suffix say; nothing of what one of them lacks."""
    if not one.words or not other.words:
        return
    given = _name(one.given, other.given, frequencies.of_given, GIVEN)
    family = _name(one.family, other.family, frequencies.of_family, FAMILY)
    if given[1] < _POOR and family[1] < _POOR and one.given and other.given:
        crossed = (
            _name(one.given, other.family, frequencies.of_either, GIVEN),
            _name(one.family, other.given, frequencies.of_either, GIVEN),
        )
        bits = sum(item[1] for item in crossed) + weights.SWAPPED
        if bits > max(given[1] + family[1], _POOR):
            yield FieldEvidence("given_name", Agreement.SIMILAR, round(bits / 2, 2))
            yield FieldEvidence("family_name", Agreement.SIMILAR, round(bits / 2, 2))
            return
    if given[0] is not Agreement.MISSING:
        yield FieldEvidence("given_name", *given)
    if family[0] is not Agreement.MISSING:
        yield FieldEvidence("family_name", *family)
    if one.suffix and other.suffix and one.suffix != other.suffix:
        yield FieldEvidence("suffix", Agreement.DIFFERENT, weights.SUFFIX_DIFFERS)


def _name(a: str, b: str, share: Callable[[str], float], usual: float) -> tuple[Agreement, float]:
    if not a or not b:
        return Agreement.MISSING, 0.0
    if a == b:
        if len(a) == _INITIALS:
            return Agreement.SIMILAR, round(weights.INITIAL, 2)
        return Agreement.SAME, round(log2(weights.NAME_SAME / share(a)), 2)
    if (len(a) == _INITIALS or len(b) == _INITIALS) and a[0] == b[0]:
        return Agreement.SIMILAR, round(weights.INITIAL, 2)
    if is_similar(a, b):
        nearby = weights.NEIGHBOURS * min(max(share(a), share(b)), usual)
        return Agreement.SIMILAR, round(log2(weights.NAME_SIMILAR / nearby), 2)
    return Agreement.DIFFERENT, round(weights.NAME_DIFFERS, 2)


def is_similar(a: str, b: str) -> bool:
    """Whether one name may be a slip of the other, a short form, or one of its words."""
    if JaroWinkler.similarity(a, b) >= weights.SIMILAR_NAME:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) >= _SHORT_FORM and (long.startswith(short) or short in long.split()):
        return True
    slips = len(short) // _LETTERS_PER_SLIP
    return len(short) > _SHORT_FORM and OSA.distance(a, b, score_cutoff=2) <= min(slips, 2)
