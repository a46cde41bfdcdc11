"""The words under which a contact is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from crm_contacts.contract import ContactDraft
from crm_contacts.normal_forms import folded

#: Characters of a word that count, and words of one contact.
MAX_WORD = 64
MAX_WORDS = 200

#: How much a word says about whom it stands for: names first, notes last.
NAME, REACH, WORK, REST = 8, 6, 4, 1

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\D+")


def words_of(text: str | None) -> Iterator[str]:
    """Yield the words of a text in their folded forms."""
    for found in _WORD.finditer(folded(text)):
        yield found[0][:MAX_WORD]


def search_words(draft: ContactDraft) -> dict[str, int]:
    """Return the words of a normalised draft with their weights, the heaviest use of each.

    An email counts as a whole and by its words, a telephone number by its digits.
    """
    weights: dict[str, int] = {}
    for word, weight in islice(_weighted(draft), 4 * MAX_WORDS):
        if weights.get(word, 0) < weight and (word in weights or len(weights) < MAX_WORDS):
            weights[word] = weight
    return weights


def _weighted(draft: ContactDraft) -> Iterator[tuple[str, int]]:
    name = draft.name
    names = (name.full, name.given, name.family, name.additional, *draft.nicknames)
    yield from _all(names, NAME)
    for email in draft.emails:
        yield folded(email.address)[:MAX_WORD], REACH
        yield from _all([email.address], REACH)
    for phone in draft.phones:
        if digits := _DIGITS.sub("", phone.normalised or phone.number):
            yield digits[:MAX_WORD], REACH
    yield from _all((draft.organisation, *draft.units, draft.title, draft.role), WORK)
    yield from _all((link.url for link in draft.links), REST)
    yield from _all((address.locality for address in draft.addresses), REST)
    yield from _all([draft.note], REST)


def _all(texts: Iterable[str | None], weight: int) -> Iterator[tuple[str, int]]:
    for text in texts:
        for word in words_of(text):
            yield word, weight
