"""Whether an organisation's name and a domain mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_NOT_OF_THE_NAME = frozenset({"www", "mail", "email", "info", "com", "co", "org", "net", "shop"})
_LEAST_LETTERS, _LEAST_INITIALS = 4, 3


def names_in(hosts: Iterable[str]) -> frozenset[str]:
    """Return the parts of host names that may name an organisation, in plain small letters."""
    labels = (label for host in hosts for label in host.lower().split(".")[:-1])
    squashed = (
        re.sub(r"[^a-z0-9]", "", label) for label in labels if label not in _NOT_OF_THE_NAME
    )
    return frozenset(label for label in squashed if label)


def agrees(text: str, names: Iterable[str]) -> bool:
    """Whether a text is, holds or begins like one of the names, or has its initials."""
    words = [word for word in re.split(r"[^a-z0-9]+", _folded(text)) if word]
    initials = "".join(word[0] for word in words)
    readings = {"".join(words), "".join(_plain_words(text))}
    for name in names:
        if len(name) >= _LEAST_LETTERS and any(
            name in reading or (len(reading) >= _LEAST_LETTERS and reading in name)
            for reading in readings
        ):
            return True
        if len(name) >= _LEAST_INITIALS and (initials == name or _long_initials(words) == name):
            return True
        if words and len(words[0]) > _LEAST_LETTERS and name.startswith(words[0]):
            return True
    return False


def _folded(text: str) -> str:
    """Return a text without marks, `ö` as `oe`."""
    small = text.casefold()
    for mark, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "o"), ("ł", "l")):
        small = small.replace(mark, letters)
    return _without_marks(small)


def _plain_words(text: str) -> Iterator[str]:
    """Yield the words of a text without marks, `ö` as `o`."""
    yield from re.findall(r"[a-z0-9]+", _without_marks(text.casefold()))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _long_initials(words: Iterable[str]) -> str:
    """Return the initials of the words that are more than links between others."""
    return "".join(word[0] for word in words if len(word) > _LEAST_INITIALS)
