"""Three hundred cards, as they are served: every code reads back, for a reader of another make."""

from __future__ import annotations

import hashlib
import io
import re
import xml.etree.ElementTree as ET
import zlib
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from qr.colours import BLACK, WHITE, Colour
from qr.contract import ErrorCorrection, ImageFormat, Look
from qr.looks import passing_look
from qr.rendering import DRAWING_VERSION, draw, image_tag
from qr.symbol import Symbol

from .conftest import Json, QrClient

pytestmark = pytest.mark.once

SCRIPTS = (
    "Jürgen Müller-Lüdenscheidt", "Łukasz Żółć", "Ελένη Παπαδοπούλου", "Наталья Щербакова",
    "ليلى حداد", "נועה לוי", "山田 太郎", "ﾔﾏﾀﾞ ﾀﾛｳ", "李小龙", "김민준", "สมชาย ใจดี",
    "अनन्या शर्मा", "👩🏽‍💻 Zoë 🏳️‍🌈",
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(SCRIPTS),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=16),
    st.text(st.sampled_from("aé語🎉\\,;:\r\n\u2028\x85\"'"), min_size=1, max_size=16),
    st.sampled_from(
        ["A\r\nTEL:666", "\nEND:VCARD\nBEGIN:VCARD", "\\n", "a;b,c\\", "x\u2028NOTE:y"]
    ),
).map(lambda text: f"{text.strip()}a")
CONTACTS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "name": st.fixed_dictionaries({"full": VALUES}, optional={"given": VALUES}),
        "phones": st.lists(st.fixed_dictionaries({"number": VALUES}), max_size=2),
        "links": st.lists(st.fixed_dictionaries({"url": VALUES}), max_size=1),
    },
    optional={"organisation": VALUES, "title": VALUES, "note": VALUES},
)
LOOKS = st.builds(
    Look,
    scale=st.sampled_from((1, 2, 3)),
    dark=st.builds(Colour, *[st.integers(0, 255)] * 3).map(str),
    light=st.builds(Colour, *[st.integers(0, 255)] * 3).map(str),
    quiet_zone=st.integers(0, 8),
).map(passing_look)
#: What ends a line for a lenient reader of codes, and what ends one in a file (RFC 6350, 3.2).
ANY_BREAK = "\r\n|[\n\r\v\f\x85\u2028\u2029]"
LINE_BREAK = "\r\n|[\n\r]"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1H(\d+)z")


def read(picture: Image.Image) -> bytes:
    """Read the one QR code of a picture, as any camera would.

    Of all symbologies, some line of a large symbol may by chance be a valid linear code as well.
    """
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (found,) = zxingcpp.read_barcodes(picture.convert("L"), formats=formats)
    return found.bytes


def painted(svg: bytes) -> Image.Image:
    """Paint an SVG: a ground and runs of modules, three pixels each."""
    root = ET.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    _, ground, path = root
    picture = Image.new("RGB", (side * 3, side * 3), ground.attrib["fill"])
    brush = ImageDraw.Draw(picture)
    for x, y, length, _ in (map(int, run) for run in RUN.findall(path.attrib["d"])):
        brush.rectangle((x * 3, y * 3, (x + length) * 3 - 1, y * 3 + 2), path.attrib["fill"])
    return picture


def names_in(text: str, breaks: str) -> list[str]:
    """Return the names of a card's properties, each with the line that it begins."""
    lines = re.split(breaks, re.sub("\r\n[ \t]", "", text).removesuffix("\r\n"))
    return [re.split("[;:]", line)[0].rpartition(".")[2] for line in lines]


@given(CONTACTS, LOOKS)
@settings(
    max_examples=300,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller example is not worth minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_served_codes_decode_to_their_content(qr: QrClient, contact: Json, look: Look) -> None:
    """Static and dynamic, PNG and SVG, in any allowed colours; no field adds a line to a card."""
    card = qr.card(contact)
    query: dict[str, Any] = {
        "scale": look.scale,
        "dark": look.dark,
        "light": look.light,
        "quiet_zone": look.quiet_zone,
    }
    for kind in ("vcard", "dynamic"):
        code = qr.make("qr/codes", {"card_id": card["id"], "kind": kind})
        path, content = f"codes/{code['id']}", code["content"].encode()
        png = qr.send("GET", f"{path}/render.png", 200, query_string=query).data
        svg = qr.send("GET", f"{path}/render.svg", 200, query_string=query).data
        assert read(Image.open(io.BytesIO(png))) == content
        assert read(painted(svg)) == content
        if kind == "vcard":
            expect_no_injection(names_in(code["content"], ANY_BREAK), contact)
    file = qr.client.get(f"/p/{card['slug']}/card.vcf")
    assert file.status_code == 200
    expect_no_injection(names_in(file.text, LINE_BREAK), contact)


def expect_no_injection(names: list[str], contact: Json) -> None:
    """Hold the properties of a card against the fields of its contact."""
    assert (names[0], names[-1]) == ("BEGIN", "END")
    most = {
        "BEGIN": 1, "VERSION": 1, "N": 1, "FN": 1, "END": 1,
        "ORG": int("organisation" in contact), "TITLE": int("title" in contact),
        "X-ADDRESSBOOKSERVER-KIND": 1,
        "TEL": len(contact["phones"]), "URL": len(contact["links"]),
    }  # fmt: skip
    extra = {name: names.count(name) for name in names if names.count(name) > most.get(name, 0)}
    assert extra == {}


def test_default_colours_are_the_plainest_image(qr: QrClient) -> None:
    """Black on white is greyscale of one bit; other colours cost a palette and no more."""
    code = qr.code(kind="dynamic")
    modes = {
        Image.open(io.BytesIO(qr.get(f"codes/{code['id']}/render.png{query}").data)).mode
        for query in ("", f"?dark={str(BLACK).replace('#', '%23')}")
    }
    assert modes == {"1"}
    answer = qr.send(
        "GET", f"codes/{code['id']}/render.png", 200,
        query_string={"dark": "#102030", "light": str(WHITE)},
    )  # fmt: skip
    assert Image.open(io.BytesIO(answer.data)).mode == "P"


def test_tags_differ_in_all_that_is_drawn() -> None:
    """Content, error correction, format and each part of a look are told apart."""
    level, svg, look = ErrorCorrection.M, ImageFormat.SVG, Look()
    tags = [
        image_tag("A", level, svg, look),
        image_tag("B", level, svg, look),
        image_tag("A", ErrorCorrection.Q, svg, look),
        image_tag("A", level, ImageFormat.PNG, look),
        image_tag("A", level, svg, Look(scale=9)),
        image_tag("A", level, svg, Look(dark="#000001")),
        image_tag("A", level, svg, Look(light="#fffffe")),
        image_tag("A", level, svg, Look(quiet_zone=5)),
    ]
    assert len(set(tags)) == len(tags)
    assert image_tag("A", level, svg, Look()) == tags[0]


def test_drawings_are_those_of_their_version() -> None:
    """Who draws other bytes raises `DRAWING_VERSION`, and both are written down here."""
    symbol = Symbol(rows=((True, False), (False, True)), version=1, designator="1-M")
    svg = draw(symbol, ImageFormat.SVG, look=Look(), title="Contact card").body
    png = draw(symbol, ImageFormat.PNG, look=Look(scale=1), title="").body
    length, data = int.from_bytes(png[33:37]), png[41:]
    drawn = hashlib.sha256(svg + png[:33] + zlib.decompress(data[:length])).hexdigest()[:16]
    assert (DRAWING_VERSION, drawn) == (1, "36e84d8af0e132f4")


@pytest.mark.parametrize("image_format", ["svg", "png"])
def test_every_look_has_an_entity_tag_of_its_own(qr: QrClient, image_format: str) -> None:
    """Images stay cacheable, and one in other colours is another one."""
    path = f"codes/{qr.code()['id']}/render.{image_format}"
    tags = {
        qr.send("GET", path, 200, query_string=query).headers["ETag"]
        for query in ({}, {"dark": "#000080"}, {"quiet_zone": "5"}, {"scale": "3"})
    }
    assert len(tags) == 4
