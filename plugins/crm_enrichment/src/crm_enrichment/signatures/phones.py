"""Phone numbers, told from the many other numbers that signatures hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crm_enrichment.signatures.labels import Label, label_before
from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.passage import Part, Passage

_NUMBER = re.compile(
    r"(?<![\w,.#@])(?:\+\s?|\()?\d(?:[\s\u00a0]?[().\-/‐‑–]?[\s\u00a0]?[()]?\d|\)[\s\u00a0]?[-.]?)*"
    r"(?:\s*(?:ext\.?|x|durchwahl|app\.?|poste|int\.?)\s*\d{1,6})?(?![\w@])",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|durchwahl|app\.?|poste|int\.?)\s*\d{1,6}$", re.IGNORECASE)
#: Between two numbers of one line.
_BETWEEN_NUMBERS = re.compile(r"\s+[-–/]\s+")
_NORTH_AMERICAN = re.compile(r"(?:1[-. ])?\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}")
_YEARS = re.compile(r"(?:19|20)\d\d\s?[-–/]\s?(?:19|20)?\d\d")

_LEAST_LABELLED, _LEAST_NATIONAL, _LEAST, _MOST = 6, 9, 7, 15
_VALID, _POSSIBLE, _LABELLED, _BARE = 0.98, 0.95, 0.93, 0.85


def phones_in(line: Piece, region: str | None = None) -> Iterator[Passage]:
    """Yield the phone numbers of a line, as they are written; those of fax machines are none.

    `region` (ISO 3166) is that of numbers without a country code.
    """
    label, previous = None, 0
    for start, end in _candidates(line.text):
        before = line.text[previous:start]
        found, _ = label_before(before)
        # A second number behind a label is of the same kind.
        label = found or (label if not before.strip(" ,;|/·•-–") else None)
        previous = end
        number = line.text[start:end]
        if _is_phone(number, label, line.text):
            yield Passage(
                part=Part.PHONE,
                value=number,
                start=line.start + start,
                end=line.start + end,
                confidence=_confidence(number, label, region),
            )


def number_spans(line: Piece) -> Iterator[tuple[int, int]]:
    """Yield where a line has numbers of phones and fax machines, labels included."""
    previous = 0
    for start, end in _candidates(line.text):
        label, begin = label_before(line.text[previous:start])
        if label in (Label.PHONE, Label.FAX) or _is_phone(line.text[start:end], None, line.text):
            yield previous + begin, end
        previous = end


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    for found in _NUMBER.finditer(text):
        position = found.start()
        for start, end in _parts(found.group()):
            yield position + start, position + end


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers that a run of digits is made of: two where each is long enough."""
    position = 0
    for between in _BETWEEN_NUMBERS.finditer(text):
        left, right = text[position : between.start()], text[between.end() :]
        if len(_digits(left)) >= _LEAST and (right[0] == "+" or len(_digits(right)) >= _LEAST):
            yield position, between.start()
            position = between.end()
    yield position, len(text.rstrip(" (.-/"))


def _is_phone(number: str, label: Label | None, line: str) -> bool:
    core = _EXTENSION.sub("", number)
    digits = _digits(core)
    if len(digits) > _MOST or _DATE.fullmatch(core) or _YEARS.fullmatch(core):
        return False
    if label is Label.PHONE:
        return len(digits) >= _LEAST_LABELLED
    if label is not None:
        return False
    if core.startswith("+") or digits.startswith("00"):
        return len(digits) >= _LEAST
    if _NORTH_AMERICAN.fullmatch(core):
        return True
    begins_so = core[0] in "0("
    alone = core == line.strip() and any(mark in core for mark in " -./")
    return len(digits) >= _LEAST_NATIONAL and (begins_so or alone)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _confidence(number: str, label: Label | None, region: str | None) -> float:
    """Return how sure a number is: it is one of its country, or has the length of one."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return _LABELLED if label else _BARE
    if phonenumbers.is_valid_number(parsed):
        return _VALID
    if phonenumbers.is_possible_number(parsed):
        return _POSSIBLE
    return _BARE
