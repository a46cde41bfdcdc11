"""Codes read back from the very bytes of an image, as strictly as `drawing` writes them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp

from qr.contract import CodeUnreadable
from qr.drawing import PNG_BILEVEL, PNG_SIGNATURE

#: Pixels per module when an SVG, which has none of its own, is rasterised.
_SVG_SCALE = 4
#: The largest symbol, version 40, with its quiet zone.
_MAX_MODULES = 185

_DARK, _LIGHT = b"\x00", b"\xff"
_BIT_TO_PIXEL = bytes.maketrans(b"01", _DARK + _LIGHT)

_SVG = re.compile(
    rb'<svg xmlns="http://www\.w3\.org/2000/svg" width="(?P<width>\d+)" height="(?P=width)"'
    rb' viewBox="0 0 (?P<side>\d{2,3}) (?P=side)" role="img" shape-rendering="crispEdges">'
    rb"<title>(?:[^<>&]|&(?:amp|lt|gt);)*</title>"
    rb'<rect width="(?P=side)" height="(?P=side)" fill="#fff"/>'
    rb'<path d="(?P<path>(?:M\d+ \d+h\d+v1H\d+z)*)" fill="#000"/></svg>'
)
_RUN = re.compile(rb"M(\d+) (\d+)h(\d+)v1H(\d+)z")


@dataclass(frozen=True, slots=True)
class _Raster:
    """A square of pixels, one byte each, 0 where dark."""

    side: int
    pixels: bytes


def read_back(body: bytes, media_type: str) -> bytes:
    """Return the bytes that the one code of an image carries.

    Only images of the exact form that `drawing` writes are read, and the code is looked for
    upright, dark on light and at its own size.

    Raises CodeUnreadable when the image has another form or does not hold one readable code.
    """
    match media_type:
        case "image/png":
            raster = _png_raster(body)
        case "image/svg+xml":
            raster = _svg_raster(body)
        case _:
            raise CodeUnreadable(f"Images of type {media_type} cannot be read back.")
    codes = zxingcpp.read_barcodes(
        memoryview(raster.pixels).cast("B", shape=[raster.side, raster.side]),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
    )
    if len(codes) != 1:
        raise CodeUnreadable(f"The image holds {len(codes)} readable codes instead of one.")
    return codes[0].bytes


def _png_raster(body: bytes) -> _Raster:
    try:
        (header_name, header), (data_name, data), (end_name, end) = _chunks(body)
        width, height, *form = struct.unpack(">II5B", header)
        stride = 1 + (width + 7) // 8
        scanlines = zlib.decompressobj().decompress(data, stride * height + 1)
    except (ValueError, struct.error, zlib.error) as error:
        raise CodeUnreadable("The PNG image is damaged.") from error
    names = (header_name, data_name, end_name) == (b"IHDR", b"IDAT", b"IEND")
    square = width == height and len(scanlines) == stride * height
    unfiltered = not any(scanlines[::stride])
    if not (names and tuple(form) == PNG_BILEVEL and square and unfiltered and not end):
        raise CodeUnreadable("The PNG image does not have the expected form.")
    return _Raster(width, b"".join(_png_rows(scanlines, stride, width)))


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
            previous, row = packed, bits[:width].encode().translate(_BIT_TO_PIXEL)
        yield row


def _svg_raster(body: bytes) -> _Raster:
    document = _SVG.fullmatch(body)
    if document is None or (side := int(document["side"])) > _MAX_MODULES:
        raise CodeUnreadable("The SVG image does not have the expected form.")
    rows = [bytearray(_LIGHT * (side * _SVG_SCALE)) for _ in range(side)]
    for run in _RUN.finditer(document["path"]):
        x, y, length, back = map(int, run.groups())
        if back != x or y >= side or x + length > side:
            raise CodeUnreadable("The SVG image has a path that leaves its area.")
        rows[y][x * _SVG_SCALE : (x + length) * _SVG_SCALE] = _DARK * (length * _SVG_SCALE)
    return _Raster(side * _SVG_SCALE, b"".join(bytes(row) * _SVG_SCALE for row in rows))
