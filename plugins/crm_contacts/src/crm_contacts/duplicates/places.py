"""Comparing postal addresses: the pair of two contacts' addresses that fits best counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log2

from rapidfuzz.distance import OSA, JaroWinkler

from crm_contacts.contract import Agreement, FieldEvidence
from crm_contacts.duplicates import weights
from crm_contacts.duplicates.frequencies import Frequencies
from crm_contacts.duplicates.profiles import Place


def compare_places(
    ones: Sequence[Place], others: Sequence[Place], frequencies: Frequencies
) -> Iterator[FieldEvidence]:
    """Yield what the addresses of two contacts say, if both have any."""
    if not ones or not others:
        return
    if ones == others and len(ones) == 1 and ones[0].street and ones[0].numbers:
        bits = _bits(ones[0], others[0], frequencies)
        yield FieldEvidence("addresses", Agreement.SAME, round(bits, 2))
        return
    bits = max(_bits(one, other, frequencies) for one in ones for other in others)
    agreement = Agreement.SIMILAR if bits > 0 else Agreement.DIFFERENT
    yield FieldEvidence("addresses", agreement, round(bits, 2))


def _bits(one: Place, other: Place, frequencies: Frequencies) -> float:
    return _town(one, other, frequencies) + _street(one, other)


def _town(one: Place, other: Place, frequencies: Frequencies) -> float:
    """A postal code is part of a town, so the better of both counts, and a bit for the other."""
    found = []
    if one.postcode and other.postcode:
        if one.postcode == other.postcode:
            found.append(weights.POSTCODE_SAME)
        elif OSA.distance(one.postcode, other.postcode, score_cutoff=1) <= 1:
            found.append(weights.POSTCODE_SLIP)
        else:
            found.append(weights.PLACE_DIFFERS)
    if one.locality and other.locality:
        if one.locality == other.locality:
            found.append(log2(0.5 / frequencies.of_locality(one.locality)))
        elif JaroWinkler.similarity(one.locality, other.locality) >= weights.SIMILAR_NAME:
            found.append(weights.LOCALITY_SIMILAR)
        else:
            found.append(weights.PLACE_DIFFERS)
    if not found:
        return 0.0
    best, worst = max(found), min(found)
    return best + (1.0 if worst > 0 and len(found) > 1 else min(worst, 0.0) if best > 0 else 0.0)


def _street(one: Place, other: Place) -> float:
    bits = 0.0
    if one.street and other.street:
        if one.street == other.street:
            bits += weights.STREET_SAME
        elif _is_similar_street(one.street, other.street):
            bits += weights.STREET_SIMILAR
        else:
            bits += weights.STREET_DIFFERS
    if one.numbers and other.numbers:
        bits += weights.NUMBER_SAME if one.numbers & other.numbers else weights.NUMBER_DIFFERS
    return bits


def _is_similar_street(one: str, other: str) -> bool:
    if JaroWinkler.similarity(one, other) >= weights.SIMILAR_STREET:
        return True
    a, b = set(one.split()), set(other.split())
    return 2 * len(a & b) >= min(len(a), len(b)) > 1
