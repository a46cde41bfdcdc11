"""Pictures as people bring them, and some as nobody should."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(
    form: str = "JPEG",
    size: tuple[int, int] = (800, 600),
    colour: tuple[int, int, int] = RED,
    *,
    orientation: int = 0,
    **options: object,
) -> bytes:
    """Return a picture whose left half has a colour, and whose right half is white."""
    image = Image.new("RGB", size, "white")
    image.paste(colour, (0, 0, size[0] // 2, size[1]))
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = "Secret Camera"
        options["exif"] = exif
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def jpeg_of_scans(scans: int, **options: object) -> bytes:
    """Return a JPEG in 10 scans, and with the last of these so many times more."""
    file = picture(progressive=True, **options)  # type: ignore[arg-type]
    last, end = file.rindex(b"\xff\xda"), file.rindex(b"\xff\xd9")
    return file[:end] + file[last:end] * scans + file[end:]


def png_of_size(width: int, height: int) -> bytes:
    """Return a whole PNG of a few octets which says that it has so many pixels, all black."""
    rows = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(rows.compress(row) for _ in range(min(height, 100))) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return _png(head, packed)


def png_without_colours() -> bytes:
    """Return a PNG whose pixels are numbers of colours that it does not have."""
    return _png(struct.pack(">IIBBBBB", 4, 4, 8, 3, 0, 0, 0), zlib.compress(bytes(20)))


def _png(head: bytes, packed: bytes) -> bytes:
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def webp_of_size(width: int, height: int) -> bytes:
    """Return the header of a WebP which says that it has so many pixels."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pixels(file: bytes) -> Image.Image:
    """Return a picture, decoded."""
    with Image.open(BytesIO(file)) as image:
        image.load()
        return image


def is_like(found: object, colour: tuple[int, int, int]) -> bool:
    """Whether a pixel is of a colour, as far as a JPEG keeps it."""
    assert isinstance(found, tuple)
    return all(abs(one - other) < 12 for one, other in zip(found, colour, strict=True))
