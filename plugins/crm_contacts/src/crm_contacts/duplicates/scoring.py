"""Comparing two profiles: what each field says for or against, in bits."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2

from rapidfuzz.distance import JaroWinkler

from crm_contacts.contract import Agreement, FieldEvidence
from crm_contacts.duplicates import weights
from crm_contacts.duplicates.channels import compare_channels
from crm_contacts.duplicates.dates import compare_birthdays
from crm_contacts.duplicates.frequencies import Frequencies
from crm_contacts.duplicates.names import compare_names
from crm_contacts.duplicates.places import compare_places
from crm_contacts.duplicates.profiles import Profile

#: What people of one household, or of one office, have in common.
_SHARED = frozenset({"family_name", "addresses", "phones", "organisation", "office"})
#: What couples, twins, parents and children may have in common besides; by what they differ.
_OF_FAMILIES = frozenset({"given_name", "birthday", "emails", "links"})
_TELLING = frozenset({"given_name", "birthday", "suffix"})


def compare(
    one: Profile, other: Profile, frequencies: Frequencies
) -> tuple[float, tuple[FieldEvidence, ...]]:
    """Return the bits for two contacts being one, and the evidence of each field.

    They are the base-2 logarithm of the odds: 0 is as likely as not, 10 a thousand to one.
    """
    found = list(_evidence(one, other, frequencies))
    named = one.is_person and other.is_person and bool(one.words or other.words)
    excess = _excess(found, frequencies, named=named)
    if excess > 0:
        found.append(FieldEvidence("household", Agreement.SIMILAR, round(-excess, 2)))
    found.append(FieldEvidence("prior", Agreement.MISSING, round(-frequencies.prior, 2)))
    return round(sum(item.bits for item in found), 2), tuple(found)


def _evidence(one: Profile, other: Profile, frequencies: Frequencies) -> Iterator[FieldEvidence]:
    if one.is_person != other.is_person:
        yield FieldEvidence("kind", Agreement.DIFFERENT, weights.KIND_DIFFERS)
    yield from compare_names(one, other, frequencies)
    yield from compare_birthdays(one.birthday, other.birthday)
    yield from compare_channels(one, other)
    yield from compare_places(one.places, other.places, frequencies)
    yield from _organisations(one, other, frequencies)


def _excess(found: list[FieldEvidence], frequencies: Frequencies, *, named: bool) -> float:
    """Return what is too much of all that a household has in common.

    Everybody lives and works with a few others: family name, address, number and company
    together narrow the search down to them, and not to one of them. Who has not the same given name
    may share a mailbox, too, or be a twin; a child may be called like its parent.
    """
    shared = _sum(found, _SHARED)
    excess = max(shared - (frequencies.prior + 1), 0.0)
    told = {item.field: item.agreement for item in found}
    if any(told.get(name) is Agreement.DIFFERENT for name in _TELLING):
        limit = weights.FAMILIES
    elif named and told.get("given_name") is not Agreement.SAME:
        limit = weights.ALIKE
    else:
        return excess
    shared += _sum(found, _OF_FAMILIES) - excess
    return excess + max(shared - (frequencies.prior + limit), 0.0)


def _sum(found: list[FieldEvidence], fields: frozenset[str]) -> float:
    return sum(item.bits for item in found if item.field in fields and item.bits > 0)


def _organisations(
    one: Profile, other: Profile, frequencies: Frequencies
) -> Iterator[FieldEvidence]:
    a, b = one.organisation, other.organisation
    if not a or not b:
        return
    # What a company is called is its name; for people it is where they work.
    field = "organisation" if one.is_person or other.is_person else "name"
    if a == b:
        bits = log2(0.6 / frequencies.of_organisation(a))
        yield FieldEvidence(
            field, Agreement.SAME, round(bits if field == "organisation" else bits + 7, 2)
        )
    elif JaroWinkler.similarity(a, b) >= weights.SIMILAR_ORGANISATION:
        bits = weights.ORGANISATION_SIMILAR
        yield FieldEvidence(field, Agreement.SIMILAR, bits if field == "organisation" else bits + 5)
    else:
        bits = weights.ORGANISATION_DIFFERS if field == "organisation" else weights.NAME_DIFFERS
        yield FieldEvidence(field, Agreement.DIFFERENT, round(bits, 2))
