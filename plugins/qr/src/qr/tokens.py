"""Random names: short codes that people may type, and slugs of cards."""

from __future__ import annotations

import re
from collections.abc import Callable

#: Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O and U. All of it is
#: in the alphanumeric set of QR codes.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS_PER_CHARACTER = 5

#: 50 random bits: a million codes leave guessing at one in a thousand million.
_CODE_LENGTH = 10
#: 60 random bits.
_SLUG_LENGTH = 12
#: Codes and slugs were shorter once, and what is printed stays; they may become longer.
_SHORTEST_CODE, _SHORTEST_SLUG, _LONGEST = 8, 11, 32

_LOOK_ALIKES = str.maketrans("ILO", "110")
_CODE = re.compile(rf"[{_ALPHABET}]{{{_SHORTEST_CODE},{_LONGEST}}}")
_SLUG = re.compile(rf"[{_ALPHABET.lower()}]{{{_SHORTEST_SLUG},{_LONGEST}}}")

#: How often a name that is taken is replaced by another one.
MAX_TRIES = 8

#: Returns a number of this many random bits, as `secrets.randbits` does.
RandomBits = Callable[[int], int]


def new_short_code(random_bits: RandomBits) -> str:
    """Return a new short code, in upper case."""
    return _characters(random_bits, _CODE_LENGTH)


def new_slug(random_bits: RandomBits) -> str:
    """Return a new slug, in lower case."""
    return _characters(random_bits, _SLUG_LENGTH).lower()


def short_code_in(text: str) -> str | None:
    """Return the short code that somebody meant, None where it can be none.

    Small letters stand for large ones, I and L for 1, O for 0.
    """
    code = text.upper().translate(_LOOK_ALIKES)
    return code if _CODE.fullmatch(code) else None


def is_slug(text: str) -> bool:
    """Whether a text has the form of a slug."""
    return _SLUG.fullmatch(text) is not None


def _characters(random_bits: RandomBits, length: int) -> str:
    number = random_bits(length * _BITS_PER_CHARACTER)
    return "".join(
        _ALPHABET[number >> (place * _BITS_PER_CHARACTER) & (len(_ALPHABET) - 1)]
        for place in reversed(range(length))
    )
