"""Codes read back from the very bytes of an image, as strictly as `drawing` writes them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp

from qr.colours import BLACK, WHITE, Colour, contrast
from qr.contract import CodeUnreadable
from qr.drawing import PNG_BILEVEL, PNG_PALETTE, PNG_SIGNATURE
from qr.looks import MAX_QUIET_ZONE, MIN_CONTRAST, MIN_QUIET_ZONE
from qr.raster import Raster

#: Pixels per module when an SVG, which has none of its own, is rasterised.
_SVG_SCALE = 4
#: The largest symbol, version 40, with the widest quiet zone.
_MAX_MODULES = 177 + 2 * MAX_QUIET_ZONE

_SVG = re.compile(
    rb'<svg xmlns="http://www\.w3\.org/2000/svg" width="(?P<width>\d+)" height="(?P=width)"'
    rb' viewBox="0 0 (?P<side>\d{2,3}) (?P=side)" role="img" shape-rendering="crispEdges">'
    rb"<title>(?:[^<>&]|&(?:amp|lt|gt);)*</title>"
    rb'<rect width="(?P=side)" height="(?P=side)" fill="(?P<light>#[0-9a-f]{6})"/>'
    rb'<path d="(?P<path>(?:M\d+ \d+h\d+v1H\d+z)*)" fill="(?P<dark>#[0-9a-f]{6})"/></svg>'
)
_RUN = re.compile(rb"M(\d+) (\d+)h(\d+)v1H(\d+)z")


def read_back(body: bytes, media_type: str) -> bytes:
    """Return the bytes that the one code of an image carries.

    Only images of the exact form that `drawing` writes are read, and the code is looked for
    upright, dark on light and at its own size.

    Raises CodeUnreadable when the image has another form, does not hold one readable code, or
    holds one with too little contrast or too narrow a quiet zone.
    """
    raster = raster_of(body, media_type)
    content = decoded(raster)
    if contrast(raster.dark, raster.light) < MIN_CONTRAST:
        raise CodeUnreadable("The image has too little contrast.")
    if raster.quiet_zone < MIN_QUIET_ZONE:
        raise CodeUnreadable("The image has too narrow a quiet zone.")
    return content


def raster_of(body: bytes, media_type: str) -> Raster:
    """Return the pixels of an image; raise CodeUnreadable if it has another form than ours."""
    match media_type:
        case "image/png":
            return _png_raster(body)
        case "image/svg+xml":
            return _svg_raster(body)
        case _:
            raise CodeUnreadable(f"Images of type {media_type} cannot be read back.")


def decoded(raster: Raster) -> bytes:
    """Return the bytes that the one code among the pixels carries, as a camera sees them."""
    codes = zxingcpp.read_barcodes(
        memoryview(raster.grey()).cast("B", shape=[raster.side, raster.side]),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
    )
    if len(codes) != 1:
        raise CodeUnreadable(f"The image holds {len(codes)} readable codes instead of one.")
    return codes[0].bytes


@dataclass(frozen=True, slots=True)
class _Png:
    """The parts of a PNG image; the palette is empty where there is none."""

    header: bytes
    palette: bytes
    scanlines: bytes


def _png_raster(body: bytes) -> Raster:
    try:
        png = _png_parts(body)
        width, height, *form = struct.unpack(">II5B", png.header)
    except (ValueError, struct.error, zlib.error) as error:
        raise CodeUnreadable("The PNG image is damaged.") from error
    stride = 1 + (width + 7) // 8
    expected = (PNG_PALETTE, 6) if png.palette else (PNG_BILEVEL, 0)
    square = width == height and len(png.scanlines) == stride * height
    unfiltered = not any(png.scanlines[::stride])
    if (tuple(form), len(png.palette)) != expected or not square or not unfiltered:
        raise CodeUnreadable("The PNG image does not have the expected form.")
    return Raster(
        side=width,
        rows=tuple(_png_rows(png.scanlines, stride, width)),
        dark=Colour(*png.palette[:3]) if png.palette else BLACK,
        light=Colour(*png.palette[3:]) if png.palette else WHITE,
    )


def _png_parts(body: bytes) -> _Png:
    """Return the parts; ValueError, struct.error or zlib.error when the image is damaged."""
    (first, header), *others = _chunks(body)
    palette = others.pop(0)[1] if others and others[0][0] == b"PLTE" else b""
    (second, data), (last, end) = others
    if (first, second, last, end) != (b"IHDR", b"IDAT", b"IEND", b""):
        raise ValueError("unexpected chunks")
    width, height = struct.unpack_from(">II", header)
    size = (1 + (width + 7) // 8) * height
    return _Png(header, palette, zlib.decompressobj().decompress(data, size + 1))


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and body of each PNG chunk; ValueError or struct.error when one is damaged."""
    if not body.startswith(PNG_SIGNATURE):
        raise ValueError("no PNG signature")
    start = len(PNG_SIGNATURE)
    while start < len(body):
        (length,) = struct.unpack_from(">I", body, start)
        chunk = body[start + 4 : start + 8 + length]
        (check,) = struct.unpack_from(">I", body, start + 8 + length)
        if check != zlib.crc32(chunk):
            raise ValueError("wrong check sum")
        yield chunk[:4], chunk[4:]
        start += 12 + length


def _png_rows(scanlines: bytes, stride: int, width: int) -> Iterator[bytes]:
    previous, row = b"", b""
    for start in range(0, len(scanlines), stride):
        packed = scanlines[start + 1 : start + stride]
        if packed != previous:
            bits = f"{int.from_bytes(packed, 'big'):0{8 * len(packed)}b}"
            previous, row = packed, bits[:width].encode()
        yield row


def _svg_raster(body: bytes) -> Raster:
    document = _SVG.fullmatch(body)
    if document is None or (side := int(document["side"])) > _MAX_MODULES:
        raise CodeUnreadable("The SVG image does not have the expected form.")
    rows = [bytearray(b"1" * (side * _SVG_SCALE)) for _ in range(side)]
    for run in _RUN.finditer(document["path"]):
        x, y, length, back = map(int, run.groups())
        if back != x or y >= side or x + length > side:
            raise CodeUnreadable("The SVG image has a path that leaves its area.")
        rows[y][x * _SVG_SCALE : (x + length) * _SVG_SCALE] = b"0" * (length * _SVG_SCALE)
    return Raster(
        side=side * _SVG_SCALE,
        rows=tuple(row for line in map(bytes, rows) for row in (line,) * _SVG_SCALE),
        dark=Colour.parse(document["dark"].decode()),
        light=Colour.parse(document["light"].decode()),
    )
