"""Symbols drawn as SVG and PNG: square, in two colours, with their quiet zone."""

from __future__ import annotations

import html
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import groupby

from qr.colours import BLACK, WHITE, Colour
from qr.contract import Look
from qr.looks import check_drawable
from qr.symbol import Symbol

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Of IHDR behind width and height: bit depth 1, greyscale, no filter choice, not interlaced.
PNG_BILEVEL = (1, 0, 0, 0, 0)
#: The same with a palette of two colours, dark and light.
PNG_PALETTE = (1, 3, 0, 0, 0)

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def side_pixels(symbol: Symbol, look: Look) -> int:
    """Return the width (and height) of a drawn symbol in pixels, quiet zone included."""
    return _side_modules(symbol, look) * look.scale


def draw_svg(symbol: Symbol, *, look: Look, title: str) -> bytes:
    """Return an SVG document with `title` as its accessible name; one unit is one module.

    Raises LookRefused for a look that cannot be drawn.
    """
    check_drawable(look)
    pixels, modules = side_pixels(symbol, look), _side_modules(symbol, look)
    path = "".join(_runs(symbol, look.quiet_zone))
    label = html.escape(_NOT_IN_XML.sub("", title), quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}"'
        f' viewBox="0 0 {modules} {modules}" role="img" shape-rendering="crispEdges">'
        f"<title>{label}</title>"
        f'<rect width="{modules}" height="{modules}" fill="{Colour.parse(look.light)}"/>'
        f'<path d="{path}" fill="{Colour.parse(look.dark)}"/></svg>'
    ).encode()


def draw_png(symbol: Symbol, *, look: Look) -> bytes:
    """Return a PNG image of one bit per pixel, unfiltered, in one IDAT chunk.

    Black on white is greyscale, other colours are a palette. Raises LookRefused for a look that
    cannot be drawn.
    """
    check_drawable(look)
    dark, light = Colour.parse(look.dark), Colour.parse(look.light)
    plain = (dark, light) == (BLACK, WHITE)
    pixels = side_pixels(symbol, look)
    header = struct.pack(">II5B", pixels, pixels, *(PNG_BILEVEL if plain else PNG_PALETTE))
    return (
        PNG_SIGNATURE
        + _chunk(b"IHDR", header)
        + (b"" if plain else _chunk(b"PLTE", dark.octets + light.octets))
        + _chunk(b"IDAT", zlib.compress(_scanlines(symbol, look)))
        + _chunk(b"IEND", b"")
    )


def _side_modules(symbol: Symbol, look: Look) -> int:
    return len(symbol.rows) + 2 * look.quiet_zone


def _runs(symbol: Symbol, quiet_zone: int) -> Iterator[str]:
    for y, row in enumerate(symbol.rows, quiet_zone):
        x = quiet_zone
        for dark, modules in groupby(row):
            length = sum(1 for _ in modules)
            if dark:
                yield f"M{x} {y}h{length}v1H{x}z"
            x += length


def _scanlines(symbol: Symbol, look: Look) -> bytes:
    margin = "1" * (look.quiet_zone * look.scale)
    blank = _scanline("1" * side_pixels(symbol, look)) * (look.quiet_zone * look.scale)
    rows = b"".join(
        _scanline(margin + "".join(("0" if dark else "1") * look.scale for dark in row) + margin)
        * look.scale
        for row in symbol.rows
    )
    return blank + rows + blank


def _scanline(bits: str) -> bytes:
    """Return one row of an unfiltered image: a zero and the bits, padded to whole bytes."""
    padded = bits + "1" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)
