"""Photos made anew of files that anybody may have brought: small, upright, and nothing but pixels.

A file is looked at before it is decoded: its first octets say which decoder it is for, its header
how many pixels it would become.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

#: The longer side of what is kept, and of what lists show, in pixels.
MAX_SIDE, THUMBNAIL_SIDE = 512, 96
#: Pixels of a file from which on it is not decoded: of a JPEG, whose decoder needs some 100 MiB for
#: as many, and of the others, where it is up to 300 MiB.
MAX_JPEG_PIXELS, MAX_PIXELS = 32_000_000, 16_000_000
MEDIA_TYPE = "image/jpeg"

#: Passes over all pixels of a JPEG; cameras and programs make up to a dozen. One that adds nothing
#: takes a few octets, and as long as any other.
MAX_SCANS = 50

_QUALITY = 85
_SIGNATURES = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "GIF": (b"GIF87a", b"GIF89a"),
}
#: A JPEG may have further pictures behind it (MPO), which are not looked at.
_JPEGS = frozenset({"JPEG", "MPO"})
#: What is no part of a scan's data: escaped octets and marks to start anew at are (T.81, B.1.1).
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_RIFF, _WEBP = b"RIFF", b"WEBP"
#: The tag of EXIF that says how the camera was held.
_ORIENTATION = 0x0112
_BROKEN_FILE = "The picture is broken, or not all of it is there."
#: What readers of EXIF raise for what is cut off, or made to break them.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError, OverflowError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip


class NoPhoto(Exception):
    """A file of which no photo is made; `reason` is for the one who brought it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePhoto:
    """A photo as it is kept: a JPEG without metadata, and a small one of it."""

    width: int
    height: int
    content: bytes
    thumbnail: bytes

    @property
    def size(self) -> int:
        """How many octets are kept, the small one with it."""
        return len(self.content) + len(self.thumbnail)

    @property
    def digest(self) -> str:
        """What stands for the photo; other pixels have another one."""
        return sha256(self.content).hexdigest()[:32]


def make_photo(file: bytes) -> MadePhoto:
    """Return the photo that a file becomes; raise `NoPhoto` if it becomes none."""
    from PIL import Image

    try:
        with _opened(file) as image:
            most = MAX_JPEG_PIXELS if image.format in _JPEGS else MAX_PIXELS
            if image.width * image.height > most:
                raise _too_many_pixels(most)
            upright = _upright(image)
            full = _flat(upright, MAX_SIDE)
            small = _flat(full, THUMBNAIL_SIDE)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MAX_PIXELS) from error
    except NoPhoto:
        raise
    except Exception as error:
        # Decoders raise whatever comes for files that were made to break them.
        raise NoPhoto("broken", _BROKEN_FILE) from error
    return MadePhoto(
        width=full.width, height=full.height, content=_written(full), thumbnail=_written(small)
    )


def _opened(file: bytes) -> Image.Image:
    """Return a picture of which only the header is read."""
    from PIL import Image, WebPImagePlugin

    for name, signatures in _SIGNATURES.items():
        if file.startswith(signatures):
            if name == "JPEG" and _has_too_many_scans(file):
                raise NoPhoto("too-many-scans", f"At most {MAX_SCANS} scans of a JPEG.")
            return Image.open(BytesIO(file), formats=(name,))
    if file[:4] == _RIFF and file[8:12] == _WEBP:
        # Its decoder takes memory for all pixels before it says how many they are.
        if _webp_pixels(file) > MAX_PIXELS:
            raise _too_many_pixels(MAX_PIXELS)
        return WebPImagePlugin.WebPImageFile(BytesIO(file))
    raise NoPhoto("not-a-photo", "Choose a picture: JPEG, PNG, WebP or GIF.")


def _has_too_many_scans(file: bytes) -> bool:
    """Whether a JPEG would be gone over too often, by its markers up to the end of the picture."""
    place, scans = 2, 0
    while scans <= MAX_SCANS and (marker := _MARKER.search(file, place)) is not None:
        code, place = marker[0][1], marker.end()
        if code == _END_OF_IMAGE:
            break
        scans += code == _START_OF_SCAN
        place += max(2, int.from_bytes(file[place : place + 2], "big"))
    return scans > MAX_SCANS


def _webp_pixels(file: bytes) -> int:
    """Return how many pixels the header of a WebP announces (RFC 9649, sections 2.5 to 2.7)."""
    match file[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(file[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8L":
            bits = int.from_bytes(file[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (
                int.from_bytes(file[at : at + 2], "little") & 0x3FFF for at in (26, 28)
            )
        case _:
            raise NoPhoto("broken", _BROKEN_FILE)
    return width * height


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture as it was taken, decoded, and not much larger than it is needed."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(image))
    # A JPEG is decoded at half, a quarter or an eighth of its size where that is enough.
    image.draft("RGB", (2 * MAX_SIDE, 2 * MAX_SIDE))
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    image.load()
    found = image if image.mode == wanted else image.convert(wanted)
    found.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return found if turn is None else found.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held, 0 if nothing can be made of what is said of that."""
    try:
        return int(image.getexif().get(_ORIENTATION, 0))
    except _BROKEN:
        return 0


def _flat(image: Image.Image, side: int) -> Image.Image:
    """Return pixels on white, as large as they may be, and nothing else of the picture."""
    from PIL import Image

    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", small.size, "white")
    flat.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    return flat


def _written(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()


def _too_many_pixels(most: int) -> NoPhoto:
    return NoPhoto("too-many-pixels", f"At most {most // 1_000_000} million pixels.")
