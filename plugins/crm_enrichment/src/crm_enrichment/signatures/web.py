"""Email addresses and links, also those that are spelt out to hide them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crm_enrichment.signatures.lines import Piece
from crm_enrichment.signatures.passage import Part, Passage

#: Ends of domains that make a link of a name without a scheme, beside those of two letters.
_GENERIC = (
    "com|net|org|info|biz|edu|gov|int|mil|name|pro|app|dev|tech|online|site|store|shop|blog|cloud"
    "|agency|studio|design|digital|media|group|company|solutions|consulting|gmbh|berlin|hamburg"
    "|london|paris|tokyo|email|world|global|health|bank|law|legal|example|test"
)
#: Two letters that end names of files more often than domains.
_FILES = "(?!py\\b|sh\\b|rs\\b|md\\b|js\\b|ts\\b|gz\\b|cc\\b|so\\b|pl/|hs\\b|rb\\b|db\\b|go\\b)"

_EMAIL = re.compile(r"(?<![\w.+-])[\w+%][\w.+%'-]{0,63}[@＠](?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_AT = r"\s*[\[({<]\s*(?:at|ät|a|arroba|æt)\s*[\])}>]\s*"
_DOT = r"\s*[\[({<]\s*(?:dot|punkt|point|punto|punt)\s*[\])}>]\s*"
_WORD = r"[\w+-]{1,63}"
_HIDDEN = re.compile(
    rf"(?<![\w.])({_WORD}(?:\.{_WORD})*)(?:{_AT}({_WORD}(?:(?:\.|{_DOT}){_WORD})+)"
    rf"|\s+AT\s+({_WORD}(?:(?:\.|\s+DOT\s+){_WORD})+)|\s+at\s+({_WORD}(?:\s+dot\s+{_WORD})+))"
)
_SPELT_DOT = re.compile(rf"{_DOT}|\s+dot\s+", re.IGNORECASE)

_TAIL = r"[^\s<>\"'|·•」）、。]*"
_LINK = re.compile(
    rf"(?<![\w@./-])(?:https?://{_TAIL}|www\.[\w-]+\.{_TAIL}"
    rf"|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_GENERIC}|{_FILES}[a-z]{{2}})\b(?![\w@-]|\.\w)"
    rf"(?:/{_TAIL})?)"
)
_AFTER_LINK = ".,;:!?)]}*_"
#: Ends of names that are no domains: `e.g.`, `a.m.`.
_ABBREVIATION = re.compile(r"(?:\w\.)*\w")

_WRITTEN, _SPELT = 0.99, 0.93
_WITH_SCHEME, _BARE = 0.99, 0.95


def emails_in(line: Piece) -> Iterator[Passage]:
    """Yield the email addresses of a line, in small letters."""
    taken = []
    for found in _EMAIL.finditer(line.text):
        value = found.group().replace("＠", "@").lower()
        taken.append(found.span())
        yield _passage(Part.EMAIL, value, line, found.span(), _WRITTEN)
    for found in _HIDDEN.finditer(line.text):
        if any(start < found.end() and found.start() < end for start, end in taken):
            continue
        local, *domains = found.groups()
        domain = next(filter(None, domains))
        value = f"{local}@{_SPELT_DOT.sub('.', domain)}".lower()
        yield _passage(Part.EMAIL, value, line, found.span(), _SPELT)


def links_in(line: Piece) -> Iterator[Passage]:
    """Yield the links of a line, with a scheme."""
    for found in _LINK.finditer(line.text):
        text = found.group().rstrip(_AFTER_LINK)
        if _ABBREVIATION.fullmatch(text) or "." not in text:
            continue
        has_scheme = text.lower().startswith("http")
        value = text if has_scheme else f"https://{text}"
        span = (found.start(), found.start() + len(text))
        confidence = _WITH_SCHEME if has_scheme or text.startswith("www.") else _BARE
        yield _passage(Part.LINK, value, line, span, confidence)


def _passage(
    part: Part, value: str, line: Piece, span: tuple[int, int], confidence: float
) -> Passage:
    start, end = line.start + span[0], line.start + span[1]
    return Passage(part=part, value=value, start=start, end=end, confidence=confidence)
