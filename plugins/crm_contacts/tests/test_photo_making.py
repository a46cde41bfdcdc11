"""Photos made anew: small, upright, nothing but pixels; and what becomes no photo."""

from __future__ import annotations

import resource
from io import BytesIO

import pytest
from PIL import Image

from crm_contacts.photo_making import MAX_PIXELS, MAX_SCANS, NoPhoto, make_photo

from .pictures import (
    BLUE,
    RED,
    is_like,
    jpeg_of_scans,
    picture,
    pixels,
    png_of_size,
    png_without_colours,
    webp_of_size,
)

WHITE = (255, 255, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_jpeg(form: str) -> None:
    """With its sides as they were to each other, and a thumbnail of the same."""
    made = make_photo(picture(form))
    assert (made.width, made.height) == (512, 384)
    full, small = pixels(made.content), pixels(made.thumbnail)
    assert (full.format, full.size, small.format, small.size) == (
        "JPEG", (512, 384), "JPEG", (96, 72),
    )  # fmt: skip
    for image in (full, small):
        width, height = image.size
        assert is_like(image.getpixel((width // 4, height // 2)), RED)
        assert is_like(image.getpixel((3 * width // 4, height // 2)), WHITE)


def test_a_small_picture_is_not_blown_up() -> None:
    """Nor is one that is nothing but a line."""
    assert make_photo(picture(size=(40, 30))).width == 40
    assert (made := make_photo(picture("PNG", size=(4000, 1)))).height == 1
    assert made.width == 512


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_it_was_taken(orientation: int) -> None:
    """The coloured half is where a viewer that knows EXIF would show it."""
    from PIL import ImageOps

    file = picture(size=(400, 300), orientation=orientation)
    with Image.open(BytesIO(file)) as image:
        expected = ImageOps.exif_transpose(image).convert("RGB")
    found = pixels(make_photo(file).content)
    assert found.size == expected.size
    width, height = found.size
    for place in ((width // 4, height // 4), (3 * width // 4, 3 * height // 4)):
        assert is_like(found.getpixel(place), expected.getpixel(place))  # type: ignore[arg-type]


def test_nothing_but_pixels_is_kept() -> None:
    """No EXIF, comment, profile or text of the file is in what is made of it."""
    files = [
        picture(orientation=6, comment=b"Secret comment", icc_profile=b"Secret profile" * 20),
        picture("GIF", comment=b"Secret comment"),
        picture("WEBP", orientation=6, xmp=b"Secret XMP"),
    ]
    for file in files:
        assert b"Secret" in file
        made = make_photo(file)
        for octets in (made.content, made.thumbnail):
            assert b"Secret" not in octets
            assert set(pixels(octets).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_transparent_becomes_white() -> None:
    """In all forms in which that can be said."""
    clear = Image.new("RGBA", (60, 60), (*BLUE, 0))
    gray = Image.new("LA", (60, 60), (90, 0))
    for image, form in ((clear, "PNG"), (clear, "WEBP"), (clear, "GIF"), (gray, "PNG")):
        file = BytesIO()
        image.save(file, form)
        found = pixels(make_photo(file.getvalue()).content)
        assert is_like(found.getpixel((30, 30)), WHITE), form


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_pictures_of_other_kinds_of_pixels_are_taken(mode: str) -> None:
    """Black stays black."""
    file = BytesIO()
    Image.new(mode, (60, 60)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    found = pixels(make_photo(file.getvalue()).content).getpixel((30, 30))
    assert is_like(found, WHITE if mode == "CMYK" else (0, 0, 0))


def test_the_first_picture_of_several_counts() -> None:
    """The others are not even looked at."""
    first, second = (Image.new("RGB", (50, 50), colour) for colour in (RED, BLUE))
    for form in ("GIF", "WEBP", "PNG"):
        file = BytesIO()
        first.save(file, form, save_all=True, append_images=[second] * 3)
        assert is_like(pixels(make_photo(file.getvalue()).content).getpixel((25, 25)), RED)


JPEG = picture()
NO_PHOTOS = {
    "empty": (b"", "not-a-photo"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not-a-photo"),
    "html": (b"<!doctype html><script>alert(1)</script>", "not-a-photo"),
    "bmp": (picture("BMP"), "not-a-photo"),
    "tiff": (picture("TIFF"), "not-a-photo"),
    "signature": (b"\xff\xd8\xff", "broken"),
    "cut-jpeg": (JPEG[: len(JPEG) // 2], "broken"),
    "cut-png": (picture("PNG")[:200], "broken"),
    "cut-gif": (picture("GIF")[:300], "broken"),
    "cut-webp": (picture("WEBP")[:60], "broken"),
    "png-colours": (png_without_colours(), "broken"),
    "riff": (b"RIFF\x10\0\0\0WEBPWAVE", "broken"),
    "png-bomb": (png_of_size(20_000, 20_000), "too-many-pixels"),
    "png-large": (png_of_size(10_000, 10_000), "too-many-pixels"),
    "png-too-large": (png_of_size(MAX_PIXELS + 1, 1), "too-many-pixels"),
    "jpeg-large": (picture(size=(8_000, 4_001), quality=5), "too-many-pixels"),
    "jpeg-scans": (jpeg_of_scans(MAX_SCANS - 9), "too-many-scans"),
    "webp-bomb": (webp_of_size(16_000, 16_000), "too-many-pixels"),
    "webp-lie": (webp_of_size(100, 100), "broken"),
}


@pytest.mark.parametrize(("file", "code"), NO_PHOTOS.values(), ids=NO_PHOTOS)
def test_what_is_no_picture_becomes_no_photo(file: bytes, code: str) -> None:
    """It says why; and nothing is decoded of what would be too much."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NoPhoto) as error:
        make_photo(file)
    assert error.value.code == code
    # In KiB: the pixels of the largest would be 400 MiB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_scans_are_counted_in_the_picture_alone() -> None:
    """Not in what a camera puts into the header, or behind the picture: a film, for one."""
    scans = b"\xff\xda\0\2" * 2 * MAX_SCANS
    assert make_photo(jpeg_of_scans(MAX_SCANS - 10)).width == 512
    assert make_photo(picture(comment=scans)).width == 512
    assert make_photo(JPEG + scans).width == 512


def test_a_photo_is_known_by_its_digest() -> None:
    """The same of the same file, another one of another."""
    assert make_photo(JPEG).digest == make_photo(JPEG).digest
    assert make_photo(JPEG).digest != make_photo(picture(colour=BLUE)).digest
