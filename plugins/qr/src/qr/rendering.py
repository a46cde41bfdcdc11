"""Images of codes, read back before they are handed out."""

from __future__ import annotations

from dataclasses import astuple
from hashlib import sha256
from typing import Protocol

from qr.contract import CodeUnreadable, ErrorCorrection, Image, ImageFormat, Look
from qr.drawing import draw_png, draw_svg, side_pixels
from qr.looks import check_scannable
from qr.reading import read_back
from qr.symbol import Symbol, make_symbol

#: To be raised when the same symbol in the same look is drawn as other bytes than before.
DRAWING_VERSION = 1

#: Characters of a tag, four bits each.
_TAG_LENGTH = 32


class Draw(Protocol):
    """Something that draws symbols, such as `draw`."""

    def __call__(
        self, symbol: Symbol, image_format: ImageFormat, *, look: Look, title: str
    ) -> Image:
        """Return a symbol drawn in one of the formats."""
        ...


def verified_image(
    content: str,
    *,
    error_correction: ErrorCorrection,
    image_format: ImageFormat,
    look: Look,
    title: str,
    draw: Draw,
) -> Image:
    """Return a drawn code whose bytes were decoded and found to carry exactly `content`.

    `title` is the accessible name of an SVG. Whatever `draw` returns is not trusted.

    Raises LookRefused when cameras would have trouble with the look, CodeTooLarge when no symbol
    holds the content, CodeUnreadable when reading the image gives anything else.
    """
    check_scannable(look)
    image = draw(make_symbol(content, error_correction), image_format, look=look, title=title)
    verify(image, content)
    return image


def image_tag(
    content: str, error_correction: ErrorCorrection, image_format: ImageFormat, look: Look
) -> str:
    """Return a name that no other image has, and that needs no drawing.

    Raises LookRefused when cameras would have trouble with the look.
    """
    check_scannable(look)
    named = (DRAWING_VERSION, content, error_correction.value, image_format.value, astuple(look))
    return sha256(repr(named).encode()).hexdigest()[:_TAG_LENGTH]


def draw(symbol: Symbol, image_format: ImageFormat, *, look: Look, title: str) -> Image:
    """Return a symbol drawn in one of the formats, not yet verified."""
    side = side_pixels(symbol, look)
    if image_format is ImageFormat.SVG:
        body = draw_svg(symbol, look=look, title=title)
        return Image(media_type="image/svg+xml", body=body, width=side, height=side)
    body = draw_png(symbol, look=look)
    return Image(media_type="image/png", body=body, width=side, height=side)


def verify(image: Image, content: str) -> None:
    """Raise CodeUnreadable unless the image, read back, carries the UTF-8 of `content`."""
    if read_back(image.body, image.media_type) != content.encode():
        raise CodeUnreadable("The drawn code carries something else than its content.")
