"""QR code symbols (ISO/IEC 18004) as modules."""

from __future__ import annotations

from dataclasses import dataclass

import segno

from qr.contract import CodeTooLarge, ErrorCorrection

#: Bytes that the largest symbol, version 40, holds in byte mode (ISO/IEC 18004, table 7).
_CAPACITY_BYTES = {
    ErrorCorrection.L: 2953,
    ErrorCorrection.M: 2331,
    ErrorCorrection.Q: 1663,
    ErrorCorrection.H: 1273,
}

#: The same for version 20 (97 modules a side): the largest that an ordinary telephone still reads
#: from a printed card, with modules of half a millimetre.
_PRINTABLE_BYTES = {
    ErrorCorrection.L: 858,
    ErrorCorrection.M: 666,
    ErrorCorrection.Q: 482,
    ErrorCorrection.H: 382,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A QR code as rows of modules, true where dark, without its quiet zone.

    `designator` names version and error correction as reached, for instance "13-Q".
    """

    rows: tuple[tuple[bool, ...], ...]
    version: int
    designator: str


def capacity_bytes(error_correction: ErrorCorrection) -> int:
    """Return how many bytes of UTF-8 the largest symbol holds at this error correction."""
    return _CAPACITY_BYTES[error_correction]


def printable_bytes(error_correction: ErrorCorrection) -> int:
    """Return how many bytes of UTF-8 a code may carry that is meant to be printed small."""
    return _PRINTABLE_BYTES[error_correction]


def make_symbol(content: str, error_correction: ErrorCorrection) -> Symbol:
    """Return the smallest symbol of `content` with at least this error correction.

    The content stands as UTF-8 in one byte segment. No ECI announces the encoding: readers
    recognise UTF-8 without it, and some show the ECI as text or reject the code.

    Raises CodeTooLarge when no symbol holds the content.
    """
    size = len(content.encode())
    if size > capacity_bytes(error_correction):
        raise CodeTooLarge(
            f"The content takes {size} bytes; a code with error correction {error_correction} "
            f"holds {capacity_bytes(error_correction)}."
        )
    code = segno.make_qr(
        content,
        error=error_correction.value,
        mode="byte",
        encoding="utf-8",
        eci=False,
        boost_error=True,
    )
    return Symbol(
        rows=tuple(tuple(map(bool, row)) for row in code.matrix),
        version=int(code.version),
        designator=code.designator,
    )
