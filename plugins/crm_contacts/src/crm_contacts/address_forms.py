"""The normal form of a postal address: the same for spellings of the same place, and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from crm_contacts.contract import Address
from crm_contacts.normal_forms import plain_letters

#: Between words: white space, and punctuation of ASCII, Latin-1 and General Punctuation.
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f]+")
_NUMBER = re.compile(r"\d+")
_NUMBERED = re.compile(r"\d+[a-z]?")
#: The country in front of a postal code, as in D-10115.
_IN_FRONT = re.compile(r"\s*[a-z]{1,3}-(?=\d)")

#: Words of streets and flats by their short form.
_SHORT = {
    word: short
    for short, words in {
        "str": "street strasse",
        "rd": "road",
        "ave": "avenue av",
        "blvd": "boulevard",
        "ln": "lane",
        "dr": "drive",
        "sq": "square",
        "pl": "place platz",
        "apt": "apartment",
        "fl": "floor",
        "ste": "suite",
        "st": "saint sankt",
    }.items()
    for word in words.split()
}
#: Ends of words that are written as short as the words themselves.
_ENDS = (("strasse", "str"), ("platz", "pl"))
#: Languages in which countries are called something, and what else they are called.
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "sv", "da", "nb", "pl", "pt", "fi")
_ALSO = {
    "GB": "uk|great britain|england|scotland|wales",
    "US": "usa|united states of america",
    "NL": "holland|the netherlands",
    "CZ": "czech republic",
    "TR": "turkey",
}


def address_key(address: Address) -> str:
    """Return the seven parts in the order of ADR in normal forms, with semicolons between them.

    Case, accents, punctuation, common abbreviations of streets (`Str.`, `St.`), spaces in house
    numbers and postal codes make no difference; a country is its code of ISO 3166 if it is known
    by its name. Order within a part does, and a part that is missing is not any.
    """
    return ";".join(
        (
            "".join(_words(address.po_box)),
            " ".join(street_words(address.extended)),
            " ".join(street_words(address.street)),
            " ".join(_words(address.locality)),
            " ".join(_words(address.region)),
            postal_code(address.postal_code),
            country(address.country),
        )
    )


def street_words(text: str | None) -> list[str]:
    """Return words and house numbers of a street or flat, each as short as it is written."""
    found: list[str] = []
    words = _words(text)
    last = max((n for n, word in enumerate(words) if not _NUMBERED.fullmatch(word)), default=-1)
    for place, word in enumerate(words):
        if len(word) == 1 and word.isalpha() and found and _NUMBER.fullmatch(found[-1]):
            found[-1] += word  # 12 a is 12a
        elif word == "st" and place == last > 0:
            found.append("str")  # no saint stands at the end
        else:
            found.append(_short(word))
    return found


def postal_code(text: str | None) -> str:
    """Return a postal code without spaces, hyphens and country."""
    return "".join(_words(_IN_FRONT.sub("", plain_letters(text), count=1)))


@lru_cache(maxsize=1024)
def country(text: str | None) -> str:
    """Return the code of a country that is called so, or its words."""
    words = " ".join(_words(text))
    return _codes().get(words, words) if words else ""


def _words(text: str | None) -> list[str]:
    """Return the words of a text in plain letters; of one that has none, all of it."""
    if not text:
        return []
    plain = plain_letters(text)
    words = [word for word in _BETWEEN.split(plain) if word]
    return words or ([plain.replace(";", ",")] if plain else [])


def _short(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    for end, short in _ENDS:
        if word.endswith(end):
            return word.removesuffix(end) + short
    return word


@cache
def _codes() -> dict[str, str]:
    """Return the codes of countries by what they are called; two of one name have none."""
    found: dict[str, set[str]] = {}
    for code, name in _names():
        found.setdefault(" ".join(_words(name)), set()).add(code)
    return {name: min(codes) for name, codes in found.items() if len(codes) == 1}


def _names() -> Iterator[tuple[str, str]]:
    from babel import Locale  # with names that nobody needs who has no addresses

    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "ZZ"}:  # noqa: PLR2004
                yield code, name
                yield code, code
    for code, names in _ALSO.items():
        yield from ((code, name) for name in names.split("|"))
