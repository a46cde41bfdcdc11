"""Symbols drawn as SVG and PNG: dark on light, square, with their quiet zone."""

from __future__ import annotations

import html
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import groupby

from qr.symbol import Symbol

#: Light modules around a symbol (ISO/IEC 18004, 5.3.8).
QUIET_ZONE = 4
MIN_SCALE = 1
MAX_SCALE = 40

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Of IHDR behind width and height: bit depth 1, greyscale, no filter choice, not interlaced.
PNG_BILEVEL = (1, 0, 0, 0, 0)

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def side_modules(symbol: Symbol) -> int:
    """Return the width (and height) of a drawn symbol in modules, quiet zone included."""
    return len(symbol.rows) + 2 * QUIET_ZONE


def side_pixels(symbol: Symbol, scale: int) -> int:
    """Return the width (and height) of a drawn symbol in pixels.

    Raises ValueError when `scale`, the pixels per module, is not within 1 to 40.
    """
    if not MIN_SCALE <= scale <= MAX_SCALE:
        raise ValueError(f"scale must be within {MIN_SCALE} and {MAX_SCALE}, not {scale}")
    return side_modules(symbol) * scale


def draw_svg(symbol: Symbol, *, scale: int, title: str) -> bytes:
    """Return an SVG document with `title` as its accessible name; one unit is one module."""
    pixels, modules = side_pixels(symbol, scale), side_modules(symbol)
    path = "".join(_runs(symbol))
    label = html.escape(_NOT_IN_XML.sub("", title), quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}"'
        f' viewBox="0 0 {modules} {modules}" role="img" shape-rendering="crispEdges">'
        f"<title>{label}</title>"
        f'<rect width="{modules}" height="{modules}" fill="#fff"/>'
        f'<path d="{path}" fill="#000"/></svg>'
    ).encode()


def draw_png(symbol: Symbol, *, scale: int) -> bytes:
    """Return a PNG image of one bit per pixel, unfiltered, in one IDAT chunk."""
    pixels = side_pixels(symbol, scale)
    margin = "1" * (QUIET_ZONE * scale)
    blank = _scanline("1" * pixels) * (QUIET_ZONE * scale)
    scanlines = b"".join(
        _scanline(margin + "".join(("0" if dark else "1") * scale for dark in row) + margin) * scale
        for row in symbol.rows
    )
    header = struct.pack(">II5B", pixels, pixels, *PNG_BILEVEL)
    return (
        PNG_SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(blank + scanlines + blank))
        + _chunk(b"IEND", b"")
    )


def _runs(symbol: Symbol) -> Iterator[str]:
    for y, row in enumerate(symbol.rows, QUIET_ZONE):
        x = QUIET_ZONE
        for dark, modules in groupby(row):
            length = sum(1 for _ in modules)
            if dark:
                yield f"M{x} {y}h{length}v1H{x}z"
            x += length


def _scanline(bits: str) -> bytes:
    """Return one row of an unfiltered image: a zero and the bits, padded to whole bytes."""
    padded = bits + "1" * (-len(bits) % 8)
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)
