"""Postal addresses among the pieces of a signature, by streets and postal codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.passage import Part, Passage
from crm_enrichment.signatures.words import has_role

_STREET = re.compile(
    r"\w+(?:stra(?:ß|ss)e|str\.?|weg|allee|gasse|platz|ring|damm|ufer|steig|chaussee|markt|gracht|straat"
    r"|laan|plein|kade|singel|gata|gatan|vägen|gade|vej|vei|veien|katu|tie)\s+\d+\s?[a-z]?\b.*"
    r"|(?:am|an der|an den|im|in der|zum|zur|auf der|auf dem|unter den)\s+\w+\s+\d+\s?[a-z]?"
    r"|.*\b\w+\s(?:straße|strasse|allee|platz|weg|ring|damm)\s+\d+\s?[a-z]?\b.*"
    r"|#?\d+\w?(?:[-/]\d+\w?)?,?\s+.*\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd"
    r"|court|ct|way|place|square|quay|terrace|parkway|pkwy|highway|close|crescent|gardens|row|pier"
    r"|parade|wharf|hill|broadway)\b\.?(?: (?:n|s|e|w|north|south|east|west))?"
    r"|(?:\d+\w?(?: (?:bis|ter))?,?\s+)?(?:rue|avenue|av\.|boulevard|bd|allée|chemin|impasse|quai"
    r"|route"
    r"|cours|place|faubourg)\s+\D{2,}(?: \d+\w?)?"
    r"|(?:calle|c/|avenida|avda?\.?|av\.|paseo|plaza|carrera|cra\.?|camino|ronda|rua|travessa|praça"
    r"|largo|estrada|alameda)\s+.*"
    r"|(?:via|viale|piazza|piazzale|corso|largo|vicolo|strada|lungarno)\s+.*\d.*"
    r"|(?:ul\.|al\.|os\.|pl\.)\s+.*\d.*|(?:za|zi|zac|parc d'activités)\s+\S.*",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?:suite|ste\.?|unit|floor|level|room|building|bldg\.?|apt\.?|apartment|flat)\s+#?\w{1,6}"
    r"|\d+(?:st|nd|rd|th) floor|(?:po|p\.o\.|post office) box \d+|postfach [\d ]+|postbus \d+"
    r"|(?:bp|cs) \d+|apartado \d+|apdo\.? \d+|casella postale \d+|etage \d+|\d+\. ?(?:etage|og"
    r"|stock)"
    r"|\d+[eè]me étage|piso \d+",
    re.IGNORECASE,
)
_PLACE = r"[^\W\d_][^\d,|]{1,40}"
_CITY = re.compile(
    rf"(?:[A-Z]{{1,2}}-)?\d{{4,5}}\s+{_PLACE}(?:\s\([A-Z]{{2}}\))?"
    rf"|\d{{3}} \d{{2}}\s+{_PLACE}|\d{{2}}-\d{{3}}\s+{_PLACE}|\d{{4}}-\d{{3}}\s+{_PLACE}"
    rf"|\d{{4}} ?[A-Z]{{2}}\s+{_PLACE}"
    rf"|(?:{_PLACE} )?[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}(?: UK)?"
    rf"|(?:{_PLACE} )?[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?"
    rf"|(?:{_PLACE} )?[A-Z]{{2}} [A-Z]\d[A-Z] ?\d[A-Z]\d"
    rf"|{_PLACE} [A-Z]{{2,3}} \d{{4}}|[A-Z]\w+(?: [A-Z]\w+)? \d{{6}}"
)
_JAPANESE = re.compile(r"〒?\s*\d{3}-\d{4}.*[都道府県市区町村].*|〒.*")
_NUMBER = re.compile(r"\d{1,5}\w?")
_NAME_OF_PLACE = re.compile(r"[A-ZÀ-Þ][^\d]{1,30}")

_STREET_AND_CITY, _STREET_ALONE, _SINGLE_PIECE = 0.93, 0.8, 0.6


def addresses_in(pieces: Sequence[Piece], lines: Sequence[int]) -> Iterator[Passage]:
    """Yield addresses among the pieces, of which `lines` says on which line each stands."""
    marks = [_marks(piece.text) for piece in pieces]
    position = 0
    while position < len(pieces):
        end = _end_of(position, pieces, marks, lines)
        if end > position:
            start = _start_of(position, pieces, lines)
            found = set("".join(marks[start:end]))
            if found & set("sj") or ("i" in found and end - start > 1):
                yield _address(pieces[start:end], found)
        position = max(end, position + 1)


def _marks(text: str) -> str:
    """Return what a piece may be: a street, inside of a building, a city, a whole one in Japan."""
    kinds = {"s": _STREET, "i": _INSIDE, "c": _CITY, "j": _JAPANESE}
    return "".join(mark for mark, pattern in kinds.items() if pattern.fullmatch(text))


def _end_of(
    position: int, pieces: Sequence[Piece], marks: Sequence[str], lines: Sequence[int]
) -> int:
    """Return where the address that begins at a place ends; the place itself if none does."""
    end = position
    while end < len(pieces):
        if marks[end] or (end > position and _bridges(end, pieces, marks, lines)):
            end += 1
        else:
            break
    return end


def _bridges(
    number: int, pieces: Sequence[Piece], marks: Sequence[str], lines: Sequence[int]
) -> bool:
    """Whether a piece is a place's name inside of an address, or the number of a house."""
    text = pieces[number].text
    follows = number + 1 < len(pieces) and bool(marks[number + 1])
    same_line = lines[number] == lines[number - 1]
    next_line = follows and lines[number + 1] == lines[number]
    named = _NAME_OF_PLACE.fullmatch(text) is not None and not has_role(text)
    return (same_line or next_line) and (named or _NUMBER.fullmatch(text) is not None)


def _start_of(position: int, pieces: Sequence[Piece], lines: Sequence[int]) -> int:
    """Return where an address begins: a number before the street belongs to it."""
    before = position - 1
    if before >= 0 and lines[before] == lines[position] and _NUMBER.fullmatch(pieces[before].text):
        return before
    return position


def _address(pieces: Sequence[Piece], found: set[str]) -> Passage:
    if "j" in found or ({"s", "c"} <= found):
        confidence = _STREET_AND_CITY
    else:
        confidence = _STREET_ALONE if len(pieces) > 1 else _SINGLE_PIECE
    return Passage(
        part=Part.ADDRESS,
        value=", ".join(piece.text for piece in pieces),
        start=pieces[0].start,
        end=pieces[-1].end,
        confidence=confidence,
    )
