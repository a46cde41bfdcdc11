"""Signatures in Japanese, whose words are told by their endings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.passage import Part, Passage
from crm_enrichment.signatures.roles import passage_of
from crm_enrichment.signatures.words import JAPANESE_TITLES, has_legal_form

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_TITLE = re.compile(rf"[\u4e00-\u9fff\u30a0-\u30ff]{{0,6}}?(?:{JAPANESE_TITLES})")
_DEPARTMENT = re.compile(r"[\w・]{1,16}(?:部|課|室|センター|グループ|事業部|本部|チーム)")
_NAME = re.compile(r"[\u4e00-\u9fff\u3040-\u309f]{1,4}[ 　]?[\u4e00-\u9fff\u3040-\u30ff]{1,5}")
_WORD = re.compile(r"[^\s　]+")
_SURE, _BY_LOOK = 0.93, 0.85
_LEAST_NAME = 3


def is_japanese(text: str) -> bool:
    """Whether a text has letters of Japan."""
    return _JAPANESE.search(text) is not None


def japanese_roles_in(segments: Sequence[Piece]) -> Iterator[Passage]:
    """Yield at most one name, title, organisation and department."""
    found: dict[Part, Passage] = {}
    for segment in segments:
        rest: list[Piece] = []
        for word in _words(segment):
            part = _part(word.text)
            if part is None:
                rest.append(word)
            else:
                found.setdefault(part, passage_of(part, word, _SURE))
        name = _name(segment, rest)
        if name is not None:
            found.setdefault(Part.NAME, name)
    yield from found.values()


def _words(segment: Piece) -> Iterator[Piece]:
    for word in _WORD.finditer(segment.text):
        yield Piece(word.group(), segment.start + word.start(), segment.start + word.end())


def _part(text: str) -> Part | None:
    if has_legal_form(text):
        return Part.ORGANISATION
    if _TITLE.fullmatch(text):
        return Part.TITLE
    if _DEPARTMENT.fullmatch(text):
        return Part.DEPARTMENT
    return None


def _name(segment: Piece, words: Sequence[Piece]) -> Passage | None:
    """Return the words that are left of a segment if they look like family and given name."""
    if not words:
        return None
    start, end = words[0].start, words[-1].end
    text = segment.text[start - segment.start : end - segment.start]
    if len(text) < _LEAST_NAME or not _NAME.fullmatch(text):
        return None
    return passage_of(Part.NAME, Piece(text, start, end), _BY_LOOK)
