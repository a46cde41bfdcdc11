"""QR code symbols (ISO/IEC 18004) as modules."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno

from qr.contract import CodeTooLarge, ErrorCorrection

#: Bytes that a symbol of version 20, 97 modules a side, holds in byte mode (ISO/IEC 18004, table
#: 7): the largest that an ordinary telephone still reads from a printed card, with modules of half
#: a millimetre.
_PRINTABLE_BYTES = {
    ErrorCorrection.L: 858,
    ErrorCorrection.M: 666,
    ErrorCorrection.Q: 482,
    ErrorCorrection.H: 382,
}

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+./:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A QR code as rows of modules, true where dark, without its quiet zone.

    `designator` names version and error correction as reached, for instance "13-Q".
    """

    rows: tuple[tuple[bool, ...], ...]
    version: int
    designator: str


def printable_bytes(error_correction: ErrorCorrection) -> int:
    """Return how many bytes of UTF-8 a code may carry that is meant to be printed small."""
    return _PRINTABLE_BYTES[error_correction]


def is_alphanumeric(content: str) -> bool:
    """Whether a text needs nothing but the 45 characters of alphanumeric mode."""
    return _ALPHANUMERIC.fullmatch(content) is not None


def make_symbol(content: str, error_correction: ErrorCorrection) -> Symbol:
    """Return the smallest symbol of `content` with at least this error correction.

    The content stands in one segment, in alphanumeric mode where that holds it, else as UTF-8 in
    byte mode. No ECI announces the encoding: readers recognise UTF-8 without it, and some show
    the ECI as text or reject the code.

    Raises CodeTooLarge when no symbol holds the content.
    """
    try:
        code = segno.make_qr(
            content,
            error=error_correction.value,
            mode="alphanumeric" if is_alphanumeric(content) else "byte",
            encoding=None if is_alphanumeric(content) else "utf-8",
            eci=False,
            boost_error=True,
        )
    except segno.DataOverflowError as error:
        raise CodeTooLarge(
            f"The content takes {len(content.encode())} bytes, more than any code with error "
            f"correction {error_correction} holds."
        ) from error
    return Symbol(
        rows=tuple(tuple(map(bool, row)) for row in code.matrix),
        version=int(code.version),
        designator=code.designator,
    )
