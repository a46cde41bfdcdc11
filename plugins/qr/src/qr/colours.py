"""Colours of codes, and how far apart eyes and cameras see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

#: Up to here sRGB is linear.
_LINEAR_PART = 0.04045

_HEX = re.compile("#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the colour written as #rrggbb; raise ValueError for anything else."""
        found = _HEX.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no colour of the form #rrggbb")
        return cls(*(int(part, 16) for part in found.groups()))

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def octets(self) -> bytes:
        """The three values as bytes."""
        return bytes((self.red, self.green, self.blue))

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
        red, green, blue = map(_linear, (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def grey(self) -> int:
        """The brightness that a camera hands to a reader, 0 to 255 (luma of ITU-R BT.601)."""
        return round(0.299 * self.red + 0.587 * self.green + 0.114 * self.blue)

    def towards(self, other: Colour, share: float) -> Colour:
        """Return the colour that lies a share, 0 to 1, of the way to another one."""
        mixed = (
            round(own + (aim - own) * share)
            for own, aim in zip(self.octets, other.octets, strict=True)
        )
        return Colour(*mixed)


BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)


def contrast(dark: Colour, light: Colour) -> float:
    """Return the contrast ratio, at most 21 (WCAG 2.2, "contrast ratio"); below 1 if inverted."""
    return (light.luminance + 0.05) / (dark.luminance + 0.05)


def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= _LINEAR_PART else ((share + 0.055) / 1.055) ** 2.4
