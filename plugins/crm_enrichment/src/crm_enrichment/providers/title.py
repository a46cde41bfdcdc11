"""What a job title says: how high somebody stands, and in which department."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from crm_enrichment.contract import (
    Department,
    Field,
    Finding,
    Input,
    Method,
    Provider,
    Seniority,
    Subject,
)
from crm_enrichment.providers.title_words import (
    COMPOUND_DEPARTMENTS,
    COMPOUND_SENIORITY,
    DEPARTMENTS,
    SENIORITY,
    SERVING,
)

_Code = TypeVar("_Code", Seniority, Department)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o"})
#: German forms that name both: `Leiter/in`, `Leiter:in`, `Leiter (m/w/d)`.
_BOTH = re.compile(r"[/:*_]in(?:nen)?\b|\((?:[mwdfhx][/|,]?){1,3}\)", re.IGNORECASE)
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")
_LONGEST = 4
#: How sure a phrase, a single word and a part of a word make it.
_PHRASE, _SINGLE, _PART = 0.92, 0.85, 0.75
#: What is longer than any title is none.
_MAX_TITLE = 200
_RANKS = {code: rank for rank, code in enumerate(Seniority)}
_STANDINGS: Mapping[str, Seniority] = COMPOUND_SENIORITY


@dataclass(frozen=True, slots=True)
class _Match(Generic[_Code]):
    """A code, the words of the title that say it, and how sure that is."""

    code: _Code
    quote: str
    confidence: float


class _Words:
    """The words of a title: where each stands, and its form in the lexicon."""

    def __init__(self, title: str) -> None:
        self._title = title
        blanked = _BOTH.sub(lambda found: " " * len(found[0]), title)
        self._places = [found.span() for found in _WORD.finditer(blanked)]
        self.plain = [_plain(title[start:end]) for start, end in self._places]

    def quote(self, first: int, count: int = 1) -> str:
        """Return some words as they are written."""
        return self._title[self._places[first][0] : self._places[first + count - 1][1]]


def _lookup(subjects: tuple[Subject, ...]) -> tuple[Finding, ...]:
    return tuple(finding for subject in subjects for finding in _findings(subject))


def _findings(subject: Subject) -> Iterator[Finding]:
    title = (subject.title or "")[:_MAX_TITLE]
    for field, found in (
        (Field.SENIORITY, seniority(title)),
        (Field.DEPARTMENT, department(title)),
    ):
        if found is not None:
            yield Finding(
                contact_id=subject.contact_id,
                field=field,
                value=found.code.value,
                source="title",
                quote=found.quote,
                confidence=found.confidence,
            )


def seniority(title: str) -> _Match[Seniority] | None:
    """Return the highest standing that a title names.

    Whoever assists somebody does not stand where that person does, and a junior is one.
    """
    words = _Words(title)
    serving = next(_phrases(words, _serving()), None)
    if serving is not None:
        return serving
    found = [*_phrases(words, _standings()), *_standing_parts(words)]
    if not found:
        return None
    highest = min(found, key=lambda match: (_RANKS[match.code], -match.confidence))
    junior = next((match for match in found if match.code is Seniority.ENTRY), None)
    if junior is not None and _RANKS[highest.code] >= _RANKS[Seniority.MANAGER]:
        return junior
    return highest


def department(title: str) -> _Match[Department] | None:
    """Return the department that a title names first."""
    words = _Words(title)
    found = next(_phrases(words, _departments()), None)
    return found if found is not None else next(_department_parts(words), None)


def _plain(word: str) -> str:
    folded = word.lower()
    if folded.isascii():
        return folded
    composed = unicodedata.normalize("NFC", folded).translate(_UMLAUTS)
    parts = unicodedata.normalize("NFD", composed)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _phrases(words: _Words, lexicon: Mapping[str, _Code]) -> Iterator[_Match[_Code]]:
    """Yield what a lexicon knows of the words, from left to right, the longest phrase first."""
    plain, place = words.plain, 0
    while place < len(plain):
        for length in range(min(_LONGEST, len(plain) - place), 0, -1):
            code = lexicon.get(" ".join(plain[place : place + length]))
            if code is not None:
                sure = _PHRASE if length > 1 else _SINGLE
                yield _Match(code, words.quote(place, length), sure)
                place += length - 1
                break
        place += 1


def _standing_parts(words: _Words) -> Iterator[_Match[Seniority]]:
    """Yield what German compounds end in: `Vertriebsleiterin`."""
    for place, folded in enumerate(words.plain):
        for part, code in _STANDINGS.items():
            if len(folded) > len(part) and folded.endswith(part) and folded not in _standings():
                yield _Match(code, words.quote(place), _PART)


def _department_parts(words: _Words) -> Iterator[_Match[Department]]:
    """Yield what German compounds begin with."""
    for place, folded in enumerate(words.plain):
        for part, code in COMPOUND_DEPARTMENTS.items():
            if folded.startswith(part) and folded[len(part) :] in _STANDINGS:
                yield _Match(code, words.quote(place), _PART)


@cache
def _standings() -> Mapping[str, Seniority]:
    return {phrase: code for code, text in SENIORITY.items() for phrase in _split(text)}


@cache
def _serving() -> Mapping[str, Seniority]:
    return dict.fromkeys(_split(SERVING), Seniority.STAFF)


@cache
def _departments() -> Mapping[str, Department]:
    return {phrase: code for code, text in DEPARTMENTS.items() for phrase in _split(text)}


def _split(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split(",")]


TITLE = Provider(
    name="title",
    title="Job titles",
    inputs=frozenset({Input.TITLE}),
    outputs=frozenset({Field.SENIORITY, Field.DEPARTMENT}),
    method=Method.LEXICON,
    lookup=_lookup,
)
