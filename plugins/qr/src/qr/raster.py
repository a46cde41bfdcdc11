"""Pixels of a drawn code, as a reader is given them."""

from __future__ import annotations

from dataclasses import dataclass

from qr.colours import Colour

_DARK, _LIGHT = b"0", b"1"
#: Modules of the edge of a finder pattern, with which every symbol begins (ISO/IEC 18004, 5.3.3).
_FINDER = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A square of pixels in two colours; rows of `0` where dark and `1` where light."""

    side: int
    rows: tuple[bytes, ...]
    dark: Colour
    light: Colour

    @property
    def quiet_zone(self) -> float:
        """How many modules lie between the symbol and the nearest edge; 0 without a symbol."""
        inked = [index for index, row in enumerate(self.rows) if _DARK in row]
        if not inked:
            return 0
        first = self.rows[inked[0]]
        start = first.index(_DARK)
        end = first.find(_LIGHT, start)
        left = min(self.rows[index].index(_DARK) for index in inked)
        right = min(self.side - 1 - self.rows[index].rindex(_DARK) for index in inked)
        margin = min(inked[0], self.side - 1 - inked[-1], left, right)
        return margin * _FINDER / ((self.side if end < 0 else end) - start)

    def grey(self) -> bytes:
        """Return one byte of brightness per pixel."""
        table = bytes.maketrans(_DARK + _LIGHT, bytes((self.dark.grey, self.light.grey)))
        return b"".join(self.rows).translate(table)

    def resized(self, side: int) -> Raster:
        """Return the same picture with `side` pixels a side, each the nearest one of ours."""
        places = [(2 * pixel + 1) * self.side // (2 * side) for pixel in range(side)]
        rows = {y: bytes(self.rows[y][x] for x in places) for y in set(places)}
        return Raster(
            side=side, rows=tuple(rows[y] for y in places), dark=self.dark, light=self.light
        )
