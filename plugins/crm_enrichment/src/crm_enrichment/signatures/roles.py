"""Who a signature is of: name, title, organisation and department among its pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crm_enrichment.signatures import names, words
from crm_enrichment.signatures.domains import agrees
from crm_enrichment.signatures.lines import Piece, comma_pieces
from crm_enrichment.signatures.passage import Part, Passage

_LEGAL_AND_DOMAIN, _LEGAL, _DOMAIN, _WORD = 0.97, 0.93, 0.92, 0.82
_TITLE, _DEPARTMENT, _AFTER_THE_NAME, _AFTER_THE_TITLE = 0.92, 0.88, 0.65, 0.6
_MOST_WORDS, _LONGEST = 9, 90


@dataclass(frozen=True, slots=True)
class Known:
    """What the rest of the signature says: its email addresses, and names in its domains."""

    emails: Sequence[str]
    domains: Collection[str]


def roles_in(segments: Sequence[Piece], known: Known) -> Iterator[Passage]:
    """Yield at most one name, title, organisation and department."""
    name, place = _name(segments, known)
    pieces = list(_others(segments, name, place))
    found: dict[Part, tuple[float, Piece]] = {}
    for piece in pieces:
        part, confidence = _role(piece.text, known)
        if part is not None and confidence > found.get(part, (0.0, piece))[0]:
            found[part] = (confidence, piece)
    _promote(found)
    if name is not None:
        yield name
        found = {**_by_place(pieces, name, found, known), **found}
    for part, (confidence, piece) in found.items():
        yield passage_of(part, piece, confidence)


def passage_of(part: Part, piece: Piece, confidence: float, value: str | None = None) -> Passage:
    """Return a piece as a passage."""
    return Passage(
        part=part,
        value=piece.text if value is None else value,
        start=piece.start,
        end=piece.end,
        confidence=confidence,
    )


def _name(segments: Sequence[Piece], known: Known) -> tuple[Passage | None, int]:
    """Return the surest name, of equals the first, and the number of its segment."""
    best: tuple[float, int, Piece] | None = None
    for number, segment in enumerate(segments):
        for piece in _name_candidates(segment):
            score = names.name_score(piece.text, known.emails)
            by_look = score == names.LOOKS_LIKE
            if by_look and (number > 1 or agrees(piece.text, known.domains)):
                score -= 0.2
            if score > (best[0] if best else 0.6):
                best = (score, number, piece)
    if best is None:
        return None, -1
    score, number, piece = best
    return passage_of(Part.NAME, piece, score, names.written_name(piece.text)), number


def _name_candidates(segment: Piece) -> Iterator[Piece]:
    yield names.core_of(segment)
    pieces = comma_pieces(segment)
    if len(pieces) > 1:
        yield names.core_of(pieces[0])
    first, _, rest = segment.text.partition(" ")
    if rest and words.has_title_word(first):
        start = segment.end - len(rest)
        yield names.core_of(Piece(rest, start, segment.end))


def _others(segments: Sequence[Piece], name: Passage | None, place: int) -> Iterator[Piece]:
    """Yield the pieces that are not the name, parted at commas where both sides stand alone."""
    for number, segment in enumerate(segments):
        if name is None or number != place:
            yield from _parted(segment)
            continue
        before = segment.text[: name.start - segment.start].strip()
        if before and words.has_title_word(before):
            yield Piece(before, segment.start, segment.start + len(before))
        for piece in comma_pieces(segment):
            if piece.start >= name.end:
                yield piece


def _parted(segment: Piece) -> Iterator[Piece]:
    pieces = comma_pieces(segment)
    whole = (
        len(pieces) == 1
        or (words.has_legal_form(segment.text) and not words.has_title_word(pieces[0].text)
            and not words.has_legal_form(pieces[0].text) and len(pieces[-1].text.split()) == 1)
        or (words.has_title_word(pieces[0].text) and words.is_function(pieces[-1].text)
            and "president" in pieces[0].text.casefold())
    )  # fmt: skip
    if whole:
        yield segment
    else:
        yield from pieces


def _role(text: str, known: Known) -> tuple[Part | None, float]:
    """Return what a piece is by its words and the signature's domains, and how sure that is."""
    if len(text) > _LONGEST or len(text.split()) > _MOST_WORDS or text.endswith(("!", "?")):
        return None, 0.0
    has_title, legal = words.has_title_word(text), words.has_legal_form(text)
    same_domain = agrees(text, known.domains)
    role: tuple[Part | None, float] = (None, 0.0)
    if legal:
        role = Part.ORGANISATION, _LEGAL_AND_DOMAIN if same_domain else _LEGAL
    elif same_domain and (words.has_organisation_word(text) or not has_title):
        role = Part.ORGANISATION, _DOMAIN
    elif has_title and not words.names_a_department(text):
        role = Part.TITLE, _TITLE
    elif words.is_department(text):
        role = Part.DEPARTMENT, _DEPARTMENT
    elif words.has_organisation_word(text):
        role = Part.ORGANISATION, _WORD
    return role


def _promote(found: dict[Part, tuple[float, Piece]]) -> None:
    """Make an organisation of what could be a part of one, where there is no other."""
    if Part.ORGANISATION in found or Part.DEPARTMENT not in found:
        return
    _, piece = found[Part.DEPARTMENT]
    if words.has_organisation_word(piece.text) and not words.is_function(piece.text):
        found[Part.ORGANISATION] = (_WORD, found.pop(Part.DEPARTMENT)[1])


def _by_place(
    pieces: Sequence[Piece],
    name: Passage,
    found: dict[Part, tuple[float, Piece]],
    known: Known,
) -> dict[Part, tuple[float, Piece]]:
    """Return what pieces right behind the name say by standing there, where no word says it."""
    guessed: dict[Part, tuple[float, Piece]] = {}
    behind = [piece for piece in pieces if piece.start >= name.end]
    taken = {piece for _, piece in found.values()}
    if Part.TITLE not in found and behind and behind[0] not in taken and _is_called(behind[0].text):
        guessed[Part.TITLE] = (_AFTER_THE_NAME, behind[0])
        taken.add(behind[0])
    if Part.ORGANISATION in found or not (Part.TITLE in found or guessed):
        return guessed
    title = (found.get(Part.TITLE) or guessed[Part.TITLE])[1]
    after = [piece for piece in behind if piece.start >= title.end and piece not in taken]
    if after and _is_called(after[0].text) and known.emails:
        guessed[Part.ORGANISATION] = (_AFTER_THE_TITLE, after[0])
    return guessed


def _is_called(text: str) -> bool:
    """Whether a piece looks like what somebody or something is called, and not like a sentence."""
    first = text[0]
    return (
        len(text.split()) <= _MOST_WORDS // 2 + 1
        and first.isalpha()
        and first == first.upper()
        and not any(mark in text for mark in ":!?#{}=")
        and not any(letter.isdigit() for letter in text)
    )
