"""Codes of links, which people read out and type, and the referrals that browsers keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

#: Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O and U. All of it is
#: in the alphanumeric set of QR codes.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS_PER_CHARACTER = 5
#: 50 random bits: a million codes leave guessing at one in a thousand million.
_LENGTH = 10
_LOOK_ALIKES = str.maketrans("ILO", "110")
_CODE = re.compile(rf"[{_ALPHABET}]{{{_LENGTH},32}}")
_VISITOR = re.compile(r"[0-9a-f]{32}")
_VISITOR_BITS = 128

#: How often a code that is taken is replaced by another one.
MAX_TRIES = 8
#: Where links lead to; capitals make a smaller QR code.
LINK_PATH = "/J/"

#: Returns a number of this many random bits, as `secrets.randbits` does.
RandomBits = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Referral:
    """What led to a sign-up: a code, and the visitor whom a link led, if it was not typed."""

    code: str
    visitor: str | None

    def __str__(self) -> str:
        """Return it as the browser keeps it."""
        return self.code if self.visitor is None else f"{self.code}.{self.visitor}"


def new_code(random_bits: RandomBits) -> str:
    """Return a new code, in upper case."""
    number = random_bits(_LENGTH * _BITS_PER_CHARACTER)
    return "".join(
        _ALPHABET[number >> (place * _BITS_PER_CHARACTER) & (len(_ALPHABET) - 1)]
        for place in reversed(range(_LENGTH))
    )


def code_in(text: str) -> str | None:
    """Return the code that somebody meant, None where it can be none.

    Small letters stand for large ones, I and L for 1, O for 0; hyphens between groups are left out.
    """
    code = text.upper().replace("-", "").translate(_LOOK_ALIKES)
    return code if _CODE.fullmatch(code) else None


def new_visitor(random_bits: RandomBits) -> str:
    """Return what a browser is known again by, and nobody's name can be found from."""
    return f"{random_bits(_VISITOR_BITS):032x}"


def referral_in(text: str) -> Referral | None:
    """Return the referral in a text; one of another programme's is None."""
    written, _, visitor = text.partition(".")
    code = code_in(written)
    if code is None or (visitor and not _VISITOR.fullmatch(visitor)):
        return None
    return Referral(code, visitor or None)
