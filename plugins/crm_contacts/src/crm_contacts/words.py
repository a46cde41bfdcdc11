"""The words under which a contact is found, and those that a search looks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import phonenumbers

from crm_contacts.contract import ContactDraft
from crm_contacts.normal_forms import folded

#: Characters of a word that count, words of one contact, and words of one search.
MAX_WORD = 64
MAX_WORDS = 200
MAX_TERMS = 8

#: How much a word says about whom it stands for: names first, notes last. What is attached to a
#: contact has weights of its own, so that its words come and go without those of the contact.
NAME, REACH, WORK, TAG, CUSTOM, REST, NOTES = 8, 6, 4, 3, 2, 1, 0
OF_DRAFT = (NAME, REACH, WORK, REST)
ATTACHED = (TAG, CUSTOM, NOTES)

#: Characters from which on a part of a word is looked for, as trigrams need so many.
MIN_PART = 3

#: What is folded at once of a long text: whole words, fewer characters than a form may have.
_PIECE = re.compile(r"\S.{0,160}\S{0,80}", re.DOTALL)
_SHORT = 240
_WORD = re.compile(r"[^\W_]+")
#: What a word begins with, before its first digit; an address is no such word.
_BEGINNING = re.compile(r"([^0-9@]+)[0-9]")
_NOT_DIGITS = re.compile(r"\D+")
#: Digits with what is written between them in telephone numbers and dates.
_NUMBER = re.compile(r"\d(?:[ ()./+-]{0,3}\d)+")
#: The same in a search, with a plus; what follows a letter is part of a word.
_DIALLED = re.compile(rf"(?<!\w)\+?\(?{_NUMBER.pattern}")
_TRUNK = re.compile(r"\(0\)")
_LONG_NUMBER = 5
#: What may stand around an address.
_AROUND = "<>()[]\"',;:."
#: Scripts that are written without blanks: a name may begin anywhere in a run.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """One word of a search, and the part of a word that is looked for in its place."""

    word: str
    part: str


def words_of(text: str | None) -> Iterator[str]:
    """Yield the words of a text in their folded forms.

    A number is yielded as a whole, too, and a run of a script without blanks from every
    character on.
    """
    for piece in _pieces(text or ""):
        form = folded(piece)
        for found in _WORD.finditer(form):
            yield found[0][:MAX_WORD]
        for found in _NUMBER.finditer(form):
            if _is_one_number(found[0]):
                yield _digits(found[0])[:MAX_WORD]
        if not form.isascii():
            for run in _UNSPACED.finditer(form):
                for place in range(1, len(run[0])):
                    yield run[0][place : place + MAX_WORD]


def search_words(draft: ContactDraft) -> dict[str, int]:
    """Return the words of a normalised draft with their weights, the heaviest use of each.

    An email counts as a whole and by its words, a telephone number by its digits. What goes on in
    digits counts by what it begins with, too: letters are looked for among words of letters alone.
    """
    weights: dict[str, int] = {}
    for word, weight in islice(_weighted(draft), 4 * MAX_WORDS):
        if weights.get(word, 0) < weight and (word in weights or len(weights) < MAX_WORDS):
            weights[word] = weight
    for word, weight in list(weights.items()):
        if beginning := _BEGINNING.match(word):
            weights[beginning[1]] = max(weight, weights.get(beginning[1], 0))
    return weights


def address_word(address: str) -> str:
    """Return the word that an email address is as a whole; such words stand beside all others."""
    return f"@{folded(address)}"[:MAX_WORD]


def attached_words(texts: Iterable[str]) -> list[str]:
    """Return the words of texts that are attached to a contact, the first ones if there are many.

    Those of a tag, a custom value or a note: each of these kinds is apart.
    """
    found = (word for text in texts for word in words_of(text))
    words = list(dict.fromkeys(islice(found, 4 * MAX_WORDS)))[:MAX_WORDS]
    beginnings = [found[1] for found in map(_BEGINNING.match, words) if found]
    return list(dict.fromkeys([*words, *beginnings]))


def search_terms(text: str, region: str | None) -> list[SearchTerm]:
    """Return what a search looks for: numbers, email addresses, words (those of addresses, too).

    `region` (ISO 3166) is assumed for telephone numbers without a country code.
    """
    form = folded(text)
    terms: dict[SearchTerm, None] = {}
    for found in _DIALLED.finditer(form):
        if _is_one_number(found[0]):
            term = _number_term(_TRUNK.sub("", found[0]), region)
            terms[term] = None
            form = form.replace(found[0], " ", 1)
    for token in form.split():
        address = [token.strip(_AROUND)] if "@" in token.strip(f"@{_AROUND}") else []
        for word in (*map(address_word, address), *_WORD.findall(token)):
            terms[SearchTerm(word[:MAX_WORD], word[:MAX_WORD])] = None
    return list(terms)[:MAX_TERMS]


def _weighted(draft: ContactDraft) -> Iterator[tuple[str, int]]:
    name = draft.name
    names = (name.full, name.given, name.family, name.additional, *draft.nicknames)
    yield from _all(names, NAME)
    for email in draft.emails:
        if "@" in email.address:
            yield address_word(email.address), REACH
        yield from _all([email.address], REACH)
    for phone in draft.phones:
        if digits := _digits(phone.normalised or phone.number):
            yield digits[:MAX_WORD], REACH
    yield from _all((draft.organisation, *draft.units, draft.title, draft.role), WORK)
    yield from _all((link.url for link in draft.links), REST)
    yield from _all((address.locality for address in draft.addresses), REST)
    for position in draft.positions:
        yield from _all((position.organisation, position.title), REST)
    yield from _all([draft.note], REST)


def _all(texts: Iterable[str | None], weight: int) -> Iterator[tuple[str, int]]:
    for text in texts:
        for word in words_of(text):
            yield word, weight


def _pieces(text: str) -> Iterable[str]:
    if len(text) <= _SHORT:
        return (text,)
    return (found[0] for found in _PIECE.finditer(text))


def _digits(written: str) -> str:
    return _NOT_DIGITS.sub("", written)


def _is_one_number(written: str) -> bool:
    """Whether digits with separators are one number, rather than several short ones."""
    digits = _digits(written)
    parted = not written.replace(" ", "").isdigit()
    return len(digits) >= (MIN_PART if parted else _LONG_NUMBER)


def _number_term(written: str, region: str | None) -> SearchTerm:
    """Return the digits of a number; a part of it goes without country code and zeros."""
    digits = _digits(written)
    if digits.startswith("00"):
        written = f"+{digits[2:]}"
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return SearchTerm(digits[:MAX_WORD], digits.lstrip("0")[:MAX_WORD])
    national = phonenumbers.national_significant_number(number)
    return SearchTerm(f"{number.country_code}{national}"[:MAX_WORD], national.lstrip("0"))
