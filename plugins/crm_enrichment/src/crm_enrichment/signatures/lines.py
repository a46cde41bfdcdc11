"""Lines of a text and pieces of lines, which know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: No signature has longer lines, and patterns take their time with those that are made for it.
_LONGEST_LINE = 1000
_LINE = re.compile(r"[^\r\n]+")
#: What stands between two things on one line. A dot does after a word that is no abbreviation.
_SEPARATOR = re.compile(
    r"\s*[|·•►▪¦｜]\s*|\s+(?:[/~–—-]|//|@)\s+|\t+|\s{3,}|\s*;\s+|(?<=\w{5})\.\s+(?=[^\W\d])"
)
_COMMA = re.compile(r"\s*[,、，]\s*")
_EDGE = " \t*_<>[]\"“”„'~=─-–—:;,|·•.　✉☎📞📱🌐"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, without what stands around it."""

    text: str
    start: int
    end: int


def lines_of(text: str) -> Iterator[Piece]:
    """Yield the lines that are not empty; of long ones the beginning."""
    for found in _LINE.finditer(text):
        end = min(found.end(), found.start() + _LONGEST_LINE)
        yield Piece(text[found.start() : end], found.start(), end)


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text of the same length, in which spans are separators."""
    for start, end in spans:
        text = f"{text[:start]}{'|' * (end - start)}{text[end:]}"
    return text


def segments_of(line: Piece) -> Iterator[Piece]:
    """Yield what stands beside each other on a line."""
    yield from _split(line, _SEPARATOR)


def comma_pieces(segment: Piece) -> list[Piece]:
    """Return what commas part."""
    return list(_split(segment, _COMMA))


def trimmed(text: str, start: int, end: int) -> Piece:
    """Return a part of a text without marks at its edges, but with the dot of an abbreviation."""
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE and not _is_abbreviated(text[start:end]):
        end -= 1
    return Piece(text[start:end], start, end)


def _is_abbreviated(text: str) -> bool:
    """Whether the dot at the end belongs to the word before it: `Inc.`, `S.A.`, `A.Ş.`."""
    return re.search(r"(?:\b\w\.\w\.|\b[A-Z]\w{1,4}\.)$", text) is not None


def _split(piece: Piece, separator: re.Pattern[str]) -> Iterator[Piece]:
    position = 0
    ends = [(found.start(), found.end()) for found in separator.finditer(piece.text)]
    for start, following in [*ends, (len(piece.text), len(piece.text))]:
        part = trimmed(piece.text, position, start)
        if part.text:
            yield Piece(part.text, piece.start + part.start, piece.start + part.end)
        position = following
