"""What visitors type about themselves: cleaned, checked, and known again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import astuple, fields, replace

from meishi.sdk.contract import FieldError
from qr.contract import VisitorDetails

#: Most characters of each field; those of a contact are larger.
LIMITS = {"name": 200, "email": 254, "phone": 50, "organisation": 200, "title": 200, "note": 1000}

# Controls, line separators, and what turns the direction of the text around it: none of these is
# seen, and each lets a text pass for another one.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_EMAIL = re.compile(
    r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\s@\"(),:;<>\[\\\]/]+\.[^\s@\"(),:;<>\[\\\]/.]{2,}"
)
_PHONE = re.compile(r"[0-9+*#()./;,\-\s]+(?:\s?(?:x|ext\.?)\s?[0-9]+)?", re.IGNORECASE)
_FEWEST_DIGITS = 5
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:|\bjavascript:|\[/?url|<\s*/?\s*[a-z!]"
    r"|[\w-]+\.[a-z]{2,}/\S",
    re.IGNORECASE,
)
_OPTIONAL_LINES = ("email", "phone", "organisation", "title")
_FREE_TEXTS = ("name", "organisation", "title", "note")


def cleaned(details: VisitorDetails) -> VisitorDetails:
    """Return details without what nobody sees; what is empty then is None, but the name."""
    values = {
        name: _line(getattr(details, name)) or None
        for name in LIMITS
        if name not in {"name", "note"}
    }
    return replace(details, name=_line(details.name), note=_lines(details.note) or None, **values)


def detail_errors(details: VisitorDetails) -> Iterator[FieldError]:
    """Yield what keeps cleaned details from being taken, by JSON pointer."""
    if not details.name:
        yield FieldError("/name", "required", "Please enter your name.")
    if not details.email and not details.phone:
        yield FieldError("/email", "required", "Please enter an email address or a phone number.")
    too_long = [name for name, most in LIMITS.items() if len(getattr(details, name) or "") > most]
    for name in too_long:
        message = f"Please use at most {LIMITS[name]} characters."
        yield FieldError(f"/{name}", "too-long", message)
    # No pattern looks at such a text: what it costs grows with the square of the length.
    details = replace(details, **dict.fromkeys(too_long, ""))
    if details.email and not _EMAIL.fullmatch(details.email):
        yield FieldError("/email", "invalid", "Please enter an address like anna@example.org.")
    if details.phone and not _is_phone(details.phone):
        yield FieldError("/phone", "invalid", "Please enter a number like +44 20 7946 0018.")
    for name in _FREE_TEXTS:
        if _LINK.search(getattr(details, name) or ""):
            yield FieldError(f"/{name}", "link", "Please leave out links and markup.")


def content_of(details: VisitorDetails) -> bytes:
    """Return what two cleaned details have in common that say the same."""
    texts = (unicodedata.normalize("NFKC", text or "").casefold() for text in astuple(details))
    return "\0".join(" ".join(text.split()) for text in texts).encode()


def details_or_none(values: tuple[str | None, ...]) -> VisitorDetails | None:
    """Return stored details, in the order of their fields; None where they have been erased."""
    name, *others = values
    if name is None:
        return None
    names = [field.name for field in fields(VisitorDetails)][1:]
    return VisitorDetails(name=name, **dict(zip(names, others, strict=True)))


def _is_phone(text: str) -> bool:
    digits = sum(character.isdecimal() for character in text)
    return digits >= _FEWEST_DIGITS and _PHONE.fullmatch(text) is not None


def _line(text: str | None) -> str:
    """Return a text as one line: every kind of white space is one blank."""
    return " ".join(_UNSEEN.sub(" ", _composed(text)).split())


def _lines(text: str | None) -> str:
    """Return a text whose line breaks are all alike."""
    written = _LINE_BREAK.sub("\n", _composed(text)).split("\n")
    return "\n".join(_UNSEEN.sub("", line.replace("\t", " ")).rstrip() for line in written).strip()


def _composed(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")
