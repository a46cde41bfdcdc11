"""Comparing addresses, numbers, links and identifiers: what reaches or numbers somebody."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from crm_contacts.contract import Agreement, FieldEvidence
from crm_contacts.duplicates import weights
from crm_contacts.duplicates.forms import is_shared_mailbox
from crm_contacts.duplicates.profiles import Profile

_LONG = 5


def compare_channels(one: Profile, other: Profile) -> Iterator[FieldEvidence]:
    """Yield what emails, phones, links and identifiers say, of those that both have."""
    if one.emails and other.emails:
        yield _emails(one.emails, other.emails)
    if one.phones and other.phones:
        yield _phones(one.phones, other.phones)
    if one.links & other.links:
        yield FieldEvidence("links", Agreement.SAME, weights.LINK_SAME)
    yield from _identifiers(one, other)


def _emails(a: frozenset[str], b: frozenset[str]) -> FieldEvidence:
    shared = a & b
    if any(not is_shared_mailbox(email) for email in shared):
        return FieldEvidence("emails", Agreement.SAME, weights.EMAIL_SAME)
    if shared:
        return FieldEvidence("office", Agreement.SAME, weights.EMAIL_OFFICE)
    if any(_slipped(one, other) for one in a for other in b):
        return FieldEvidence("emails", Agreement.SIMILAR, weights.EMAIL_SLIP)
    locals_of = [{_local(email) for email in found} for found in (a, b)]
    if any(len(local) >= _LONG for local in locals_of[0] & locals_of[1]):
        return FieldEvidence("emails", Agreement.SIMILAR, weights.EMAIL_LOCAL)
    return FieldEvidence("emails", Agreement.DIFFERENT, round(weights.EMAIL_DIFFERS, 2))


def _phones(a: frozenset[str], b: frozenset[str]) -> FieldEvidence:
    if a & b:
        return FieldEvidence("phones", Agreement.SAME, weights.PHONE_SAME)
    if any(len(one) > _LONG and _is_slip(one, other) for one in a for other in b):
        return FieldEvidence("phones", Agreement.SIMILAR, weights.PHONE_SLIP)
    return FieldEvidence("phones", Agreement.DIFFERENT, round(weights.PHONE_DIFFERS, 2))


def _identifiers(one: Profile, other: Profile) -> Iterator[FieldEvidence]:
    for kind in sorted({kind for kind, _ in one.identifiers}):
        a = {value for name, value in one.identifiers if name == kind}
        b = {value for name, value in other.identifiers if name == kind}
        if a & b:
            bits = weights.UID_SAME if kind == "UID" else weights.IDENTIFIER_SAME
            yield FieldEvidence("identifiers", Agreement.SAME, bits)
        elif b and kind != "UID":
            slip = any(_is_slip(mine, theirs) for mine in a for theirs in b)
            yield FieldEvidence(
                "identifiers",
                Agreement.SIMILAR if slip else Agreement.DIFFERENT,
                weights.IDENTIFIER_SLIP if slip else weights.IDENTIFIER_DIFFERS,
            )


def _local(email: str) -> str:
    return "" if is_shared_mailbox(email) else email.partition("@")[0]


def _slipped(one: str, other: str) -> bool:
    """Whether one address is the other with a slip; `anna1@` and `anna2@` are two."""
    digits = [[item for item in email if item.isdigit()] for email in (one, other)]
    return digits[0] == digits[1] and not is_shared_mailbox(one) and _is_slip(one, other)


def _is_slip(one: str, other: str) -> bool:
    return OSA.distance(one, other, score_cutoff=1) <= 1
