"""Names of people, by their look and by the addresses they write from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.words import has_role

_HONORIFIC = (
    r"(?:prof|dr|dipl|ing|mag|mba|herr|frau|mr|mrs|ms|mx|sir|m|mme|mlle|sr|sra|don|doña|dott|dott\.ssa|avv|lic"
    r"|drs|ir|rer|nat|med|phil|jur|h\.c)"
)
_BEFORE = re.compile(
    r"(?:i\. ?[av]\.|ppa\.?|p\. ?p\.|im auftrag|für|for|name:|von:|from:)\s+", re.IGNORECASE
)
_TITLES_BEFORE = re.compile(rf"(?:{_HONORIFIC}(?:\.|-ing\.|(?=\s))[\s-]*)+", re.IGNORECASE)
_AFTER = re.compile(
    r"[\s,]+(?:\((?:she|he|they|sie|er|elle|il|ella|él)\b[^)]*\)|ph\.?d\.?|m\.?d\.?|mba|m\.?sc\.?|b\.?sc\.?|j\.?d\.?"
    r"|esq\.?|cpa|ll\.?m\.?|m\.?a\.?|b\.?a\.?|cfa|pmp|jr\.?|sr\.?|ii|iii)\.?$",
    re.IGNORECASE,
)
_PARTICLE = (
    "de|da|das|dos|do|del|della|di|du|der|den|van|von|vom|zu|zur|la|le|el|al|bin|ben|y|e|ter|ten"
    "|af|av"
)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
_NAME = re.compile(rf"{_CAPITAL}(?:\s(?:{_CAPITAL}|{_PARTICLE}))*\s{_CAPITAL}")
_LOWER_NAME = re.compile(r"[^\W\d_]{2,}(?:\s[^\W\d_]{1,}){1,2}")
_LEAST_WORDS, _MOST_WORDS = 2, 5
#: Shorter words in capitals are initials, and shorter parts of an address say nothing.
_LEAST_LETTERS = 3

#: How sure a name is: the address says it, or part of it, or only its look and place do.
ADDRESS_SAYS_ALL, ADDRESS_SAYS_PART, LOOKS_LIKE = 0.97, 0.92, 0.75


def core_of(piece: Piece) -> Piece:
    """Return a name without what stands before it in letters, and degrees behind it."""
    start, text = piece.start, piece.text
    if found := _BEFORE.match(text):
        start, text = start + found.end(), text[found.end() :]
    while found := _AFTER.search(text):
        text = text[: found.start()]
    return Piece(text, start, start + len(text))


def written_name(text: str) -> str:
    """Return a name in capitals and small letters."""
    return " ".join(
        "-".join(part.capitalize() for part in word.split("-"))
        if word.isupper() and len(word) >= _LEAST_LETTERS and "." not in word
        else word
        for word in text.split()
    )


def name_score(text: str, emails: Sequence[str]) -> float:
    """Return how sure a piece is a person's name; 0 if it is none."""
    bare = _TITLES_BEFORE.sub("", text, count=1) if _TITLES_BEFORE.match(text) else text
    words = bare.split()
    if (
        not _LEAST_WORDS <= len(words) <= _MOST_WORDS
        or has_role(bare)
        or any(c.isdigit() for c in text)
    ):
        return 0.0
    agreement = max((_agreement(words, email) for email in emails), default=0.0)
    if not _NAME.fullmatch(bare):
        small = _LOWER_NAME.fullmatch(bare) and agreement == ADDRESS_SAYS_ALL
        return ADDRESS_SAYS_PART if small else 0.0
    return agreement or LOOKS_LIKE


def _agreement(words: Sequence[str], email: str) -> float:
    """Return how much of a name an address says."""
    local, _, domain = email.partition("@")
    for first, last in ((words[0], words[-1]), (words[-1], words[0])):
        for a in _spellings(first):
            for b in _spellings(last):
                squashed = re.sub(r"[^a-z]", "", local)
                host = re.sub(r"[^a-z]", "", domain)
                if squashed in {a + b, a[0] + b, b + a, a + b[0], b + a[0]}:
                    return ADDRESS_SAYS_ALL
                if a in squashed and (b in squashed or b in host):
                    return ADDRESS_SAYS_ALL
                if len(b) >= _LEAST_LETTERS and (b in squashed or a == squashed):
                    return ADDRESS_SAYS_PART
    return 0.0


def _spellings(word: str) -> Iterator[str]:
    """Yield how a word is written in addresses: without marks, or with `oe` for `ö`."""
    small = word.casefold().replace("ø", "o").replace("ł", "l").replace("ı", "i")
    decomposed = unicodedata.normalize("NFKD", small)
    plain = re.sub(r"[^a-z]", "", decomposed)
    spelt = small
    for mark, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa")):
        spelt = spelt.replace(mark, letters)
    german = re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", spelt))
    yield from {item for item in (plain, german) if item}
