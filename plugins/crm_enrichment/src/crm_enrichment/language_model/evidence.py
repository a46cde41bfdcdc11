"""What speaks for a quote of a model: that it stands there, its form, and what rules read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm_enrichment.language_model.question import SEVERAL
from crm_enrichment.signatures import Part, Passage
from crm_enrichment.signatures.extent import signature_lines
from crm_enrichment.signatures.labels import Label, label_before
from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.phones import phones_in
from crm_enrichment.signatures.web import emails_in, links_in

#: Both say it; a form that nothing else has; a passage that stands by itself; one inside of others.
AGREEING, OF_THE_FORM, ALONE, INSIDE = 0.97, 0.9, 0.7, 0.55
#: How sure a rule has to be for a model not to be believed against it, and what it loses else.
_SURE, _CONTRADICTED = 0.8, 0.3
_EDGES = " \t\r\n|·•,;:/<>()[]*_-–—~\"'"  # noqa: RUF001  # both dashes end a passage


def passage_of(
    part: Part, quote: str, text: str, read: Sequence[Passage], region: str | None
) -> Passage | None:
    """Return a quote as a passage of a text; None if it does not stand there or is no such thing.

    `read` is what was read of the text without a model. Its values of another part, and sure ones
    of this part that say something else, speak against the model: it may not cut an address.
    """
    lines = signature_lines(text)
    start = _place(quote, text, lines)
    if start is None:
        return None
    value = _value(part, quote, region)
    if value is None or (part is Part.PHONE and _is_no_phone(text, start)):
        return None
    end = start + len(quote)
    confidence = _confidence(part, value, (start, end), text, read)
    if confidence == 0:
        return None
    if not any(line.start <= start < line.end for line in lines):
        confidence = min(confidence, INSIDE)
    return Passage(part=part, value=value, start=start, end=end, confidence=confidence)


def _place(quote: str, text: str, lines: Sequence[Piece]) -> int | None:
    """Return where a quote stands word for word: in the signature, else anywhere."""
    places = [found.start() for found in re.finditer(re.escape(quote), text)]
    whole = [place for place in places if _is_whole(text, place, place + len(quote))]
    inside = [place for place in whole if any(line.start <= place < line.end for line in lines)]
    return next(iter([*inside, *whole]), None)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word is cut at the edges of a passage."""
    before = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    behind = end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())
    return before and behind


def _value(part: Part, quote: str, region: str | None) -> str | None:
    """Return the value that a quote stands for, as rules derive it; None if it has not its form."""
    line = Piece(quote, 0, len(quote))
    if part is Part.EMAIL:
        found = list(emails_in(line))
    elif part is Part.LINK:
        found = list(links_in(line))
    elif part is Part.PHONE:
        labelled = Piece(f"Tel: {quote}", 0, len(quote) + 5)
        return quote if any(item.value == quote for item in phones_in(labelled, region)) else None
    else:
        named = any(letter.isalpha() for letter in quote) and "@" not in quote
        return quote if named and "://" not in quote else None
    return next((item.value for item in found if (item.start, item.end) == (0, len(quote))), None)


def _is_no_phone(text: str, start: int) -> bool:
    """Whether a number is said to be something else, such as that of a fax machine."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return label_before(line)[0] in (Label.FAX, Label.OTHER)


def _confidence(
    part: Part, value: str, span: tuple[int, int], text: str, read: Sequence[Passage]
) -> float:
    same = [item for item in read if item.part is part]
    if any(_form(item.value) == _form(value) for item in same):
        return AGREEING
    others = [item for item in read if item.part is not part or part in SEVERAL]
    if any(
        item.start < span[1] and span[0] < item.end and item.confidence >= _SURE for item in others
    ):
        return 0.0
    if part in SEVERAL:
        return OF_THE_FORM if part is not Part.PHONE else ALONE
    if any(item.confidence >= _SURE for item in same):
        return 0.0
    alone = _stands_alone(span, text)
    return (ALONE if alone else INSIDE) - (_CONTRADICTED if same else 0.0)


def _stands_alone(span: tuple[int, int], text: str) -> bool:
    """Whether a passage is all that stands between two marks or ends of lines."""
    start, end = span
    before = text[max(0, start - 2) : start].rstrip(" ")
    behind = text[end : end + 2].lstrip(" ")
    return (not before or before[-1] in _EDGES) and (not behind or behind[0] in _EDGES)


def _form(value: str) -> str:
    return re.sub(r"[\W_]", "", value.casefold())
