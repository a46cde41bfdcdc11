"""Every image of a code carries exactly its content, and no other image is accepted."""

from __future__ import annotations

import dataclasses
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.contract import ContactDraft, Email, Name, Phone
from qr.contract import (
    CodeTooLarge,
    CodeUnreadable,
    ErrorCorrection,
    Image,
    ImageFormat,
    Look,
    LookRefused,
)
from qr.drawing import draw_png, draw_svg
from qr.reading import read_back
from qr.rendering import draw, verified_image, verify
from qr.symbol import Symbol, make_symbol
from qr.vcard_text import vcard_text

pytestmark = pytest.mark.no_calls

SCRIPTS = (
    "Jürgen Müller-Lüdenscheidt",
    "Łukasz Żółć",
    "Ελένη Παπαδοπούλου",
    "Наталья Щербакова",
    "ليلى حداد",
    "נועה לוי",
    "山田 太郎",
    "ﾔﾏﾀﾞ ﾀﾛｳ",
    "李小龙",
    "김민준",
    "สมชาย ใจดี",
    "अनन्या शर्मा",
    "👩🏽‍💻 Zoë 🏳️‍🌈",
    "Ã¤Ã¶",
)
VALUES = st.one_of(
    st.sampled_from(SCRIPTS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.text(st.sampled_from("aé語🎉\\,;:\r\n\u2028"), min_size=1, max_size=20),
)
CARDS = st.builds(
    ContactDraft,
    name=st.builds(Name, full=VALUES, given=VALUES, family=VALUES),
    organisation=VALUES,
    title=VALUES,
    phones=st.lists(st.builds(Phone, number=VALUES), max_size=2).map(tuple),
    emails=st.lists(st.builds(Email, address=VALUES), max_size=1).map(tuple),
).map(vcard_text)
#: Bytes that the largest symbol, version 40, holds in byte mode (ISO/IEC 18004, table 7).
CAPACITY = {
    ErrorCorrection.L: 2953,
    ErrorCorrection.M: 2331,
    ErrorCorrection.Q: 1663,
    ErrorCorrection.H: 1273,
}
CARD = vcard_text(ContactDraft(name=Name(full="Ελένη 山田"), title="Ingénieure"))


def rendered(content: str, image_format: ImageFormat, scale: int = 4) -> Image:
    """Draw and verify with what most tests do not care about."""
    return verified_image(
        content,
        error_correction=ErrorCorrection.M,
        image_format=image_format,
        look=Look(scale=scale),
        title="Code",
        draw=draw,
    )


def with_flipped_modules(symbol: Symbol, rows: range) -> Symbol:
    """Return the symbol with the right half of some rows inverted."""
    half = len(symbol.rows) // 2
    return dataclasses.replace(
        symbol,
        rows=tuple(
            row[:half] + tuple(not dark for dark in row[half:]) if y in rows else row
            for y, row in enumerate(symbol.rows)
        ),
    )


@given(CARDS, st.sampled_from(ErrorCorrection), st.sampled_from((1, 2, 3, 8)))
@settings(max_examples=200, deadline=None)
def test_random_cards_decode_to_the_same_bytes(
    card: str, error_correction: ErrorCorrection, scale: int
) -> None:
    """A card of any script and any content comes back byte for byte from both formats."""
    symbol = make_symbol(card, error_correction)
    for image_format in ImageFormat:
        image = draw(symbol, image_format, look=Look(scale=scale), title=card)
        assert read_back(image.body, image.media_type) == card.encode()


@pytest.mark.parametrize("image_format", ImageFormat)
@pytest.mark.parametrize("scale", [1, 40])
def test_the_largest_symbol_is_readable(image_format: ImageFormat, scale: int) -> None:
    """A full symbol of version 40 is verified at the smallest and the largest scale."""
    image = rendered("a" * CAPACITY[ErrorCorrection.M], image_format, scale)
    assert (image.width, image.height) == (185 * scale, 185 * scale)


@pytest.mark.parametrize("level", ErrorCorrection)
def test_capacity_is_exact(level: ErrorCorrection) -> None:
    """The stated number of bytes fits, and one more is refused."""
    capacity = CAPACITY[level]
    assert make_symbol("a" * capacity, level).designator == f"40-{level}"
    with pytest.raises(CodeTooLarge):
        make_symbol("a" * (capacity + 1), level)


def test_spare_room_raises_the_error_correction() -> None:
    """The level asked for is the least: a higher one is used when the symbol stays as small."""
    assert make_symbol("a", ErrorCorrection.L).designator == "1-H"


@pytest.mark.parametrize("image_format", ImageFormat)
def test_the_quiet_zone_is_four_light_modules(image_format: ImageFormat) -> None:
    """The symbol lies between four light modules on each side."""
    symbol = make_symbol(CARD, ErrorCorrection.M)
    image = rendered(CARD, image_format, 3)
    assert image.width == image.height == 3 * (len(symbol.rows) + 8)
    if image_format is ImageFormat.SVG:
        assert b'd="M4 4h7v1H4z' in image.body


@pytest.mark.parametrize("scale", [-1, 0, 41])
def test_a_scale_out_of_range_is_refused(scale: int) -> None:
    """Nothing is drawn with less than one or more than forty pixels per module."""
    with pytest.raises(LookRefused):
        rendered(CARD, ImageFormat.PNG, scale)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("</title><script>alert(1)</script>", "</title><script>alert(1)</script>"),
        ("Müller & Söhne &amp; Co", "Müller & Söhne &amp; Co"),
        ("\x00]]>\ufffe\ud800", "]]>"),
    ],
)
def test_a_title_cannot_break_out(title: str, shown: str) -> None:
    """The accessible title is text, whatever it contains, and the document stays readable."""
    svg = draw_svg(make_symbol(CARD, ErrorCorrection.M), look=Look(scale=2), title=title)
    elements = list(ET.fromstring(svg).iter())
    assert [element.tag.partition("}")[2] for element in elements] == [
        "svg",
        "title",
        "rect",
        "path",
    ]
    assert elements[1].text == shown
    assert read_back(svg, "image/svg+xml") == CARD.encode()


@pytest.mark.parametrize("image_format", ImageFormat)
def test_flipped_modules_are_refused(image_format: ImageFormat) -> None:
    """A symbol with more wrong modules than its error correction can mend is not served."""
    symbol = with_flipped_modules(make_symbol(CARD, ErrorCorrection.M), range(8, 25))
    image = draw(symbol, image_format, look=Look(scale=4), title="Code")
    with pytest.raises(CodeUnreadable):
        verify(image, CARD)


@pytest.mark.parametrize("image_format", ImageFormat)
def test_an_image_of_other_content_is_refused(image_format: ImageFormat) -> None:
    """A readable code that says something else is as bad as none."""
    with pytest.raises(CodeUnreadable, match="something else"):
        verify(rendered(f"{CARD} ", image_format), CARD)


@pytest.mark.parametrize("image_format", ImageFormat)
def test_light_on_dark_is_refused(image_format: ImageFormat) -> None:
    """Many cameras do not find inverted symbols, so they do not count as readable."""
    rows = make_symbol(CARD, ErrorCorrection.M).rows
    margin, blank = (True,) * 4, (True,) * (len(rows) + 8)
    inverted = [margin + tuple(not dark for dark in row) + margin for row in rows]
    symbol = Symbol(rows=(blank,) * 4 + tuple(inverted) + (blank,) * 4, version=1, designator="")
    with pytest.raises(CodeUnreadable, match="0 readable codes"):
        verify(draw(symbol, image_format, look=Look(scale=4), title="Code"), CARD)


def test_any_damaged_byte_of_a_png_is_noticed() -> None:
    """No single changed byte of the file goes unnoticed."""
    png = draw_png(make_symbol("a", ErrorCorrection.M), look=Look(scale=1))
    for position in range(len(png)):
        damaged = bytearray(png)
        damaged[position] ^= 0x01
        with pytest.raises(CodeUnreadable):
            read_back(bytes(damaged), "image/png")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">II5B", 8, 8, 8, 0, 0, 0, 0),
        struct.pack(">II5B", 8, 4, 1, 0, 0, 0, 0),
        struct.pack(">II5B", 8, 8, 1, 0, 0, 0, 1),
        struct.pack(">II", 8, 8),
    ],
)
def test_other_png_forms_are_refused(header: bytes) -> None:
    """Only square, bilevel, not interlaced images are taken for ours."""
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    png += _chunk(b"IDAT", zlib.compress(b"\x00\xff" * 8)) + _chunk(b"IEND", b"")
    with pytest.raises(CodeUnreadable):
        read_back(png, "image/png")


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (b"</svg>", b"<script/></svg>"),
        (b'fill="#000000"', b'fill="#eeeeee"'),
        (b'fill="#ffffff"', b'fill="#666666"'),
        (b'fill="#ffffff"', b'fill="none"'),
        (b'fill="#000000"', b'fill="url(#a)"'),
        (b'd="M4 4h7v1H4z', b'd="M4 4h7v2H4z'),
        (b'd="M4 4h7v1H4z', b'd="M4 4h7v1H5z'),
        (b'd="M4 4h7', b'd="M4 4h999'),
        (b'd="M4 4h7', b'd="M4 999h7'),
        (b"<title>", b"<title>&evil;"),
        (b"<svg", b"<?xml version='1.0'?><svg"),
        (b"</svg>", b"</svg"),
    ],
)
def test_other_svg_forms_are_refused(written: bytes, changed: bytes) -> None:
    """A document that a browser might show differently from what was verified is refused."""
    svg = draw_svg(make_symbol(CARD, ErrorCorrection.M), look=Look(scale=4), title="Code")
    assert svg.count(written) == 1
    with pytest.raises(CodeUnreadable):
        read_back(svg.replace(written, changed), "image/svg+xml")


def test_an_image_without_a_code_is_refused() -> None:
    """A blank image is well-formed but carries nothing."""
    blank = Symbol(rows=((False,) * 21,) * 21, version=1, designator="1-L")
    with pytest.raises(CodeUnreadable, match="0 readable codes"):
        read_back(draw_png(blank, look=Look(scale=4)), "image/png")


def test_an_image_with_two_codes_is_refused() -> None:
    """A reader could take either code, so neither is taken."""
    rows = make_symbol("a", ErrorCorrection.M).rows
    gap = (False,) * 8
    pair = tuple(row + gap + row for row in rows)
    blank = (False,) * len(pair[0])
    height = len(pair[0]) - len(pair)
    two = Symbol(rows=pair + (blank,) * height, version=1, designator="1-H")
    with pytest.raises(CodeUnreadable, match="2 readable codes"):
        read_back(draw_png(two, look=Look(scale=4)), "image/png")


def test_unknown_media_types_are_refused() -> None:
    """Nothing is guessed about images that this service does not draw."""
    with pytest.raises(CodeUnreadable, match="image/gif"):
        read_back(b"GIF89a", "image/gif")
