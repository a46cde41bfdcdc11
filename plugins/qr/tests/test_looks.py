"""Colours and quiet zones: what is drawn reads, what would not read is refused with advice."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from qr import looks, reading
from qr.colours import Colour, contrast
from qr.contract import CodeUnreadable, ErrorCorrection, ImageFormat, Look, LookRefused
from qr.contract import Image as Drawing
from qr.drawing import draw_png
from qr.looks import check_scannable, look_faults, passing_look
from qr.reading import read_back
from qr.rendering import draw, verify
from qr.scannability import scan_report
from qr.symbol import Symbol, make_symbol

from .conftest import QrClient

CONTENT = "HTTPS://CARDS.EXAMPLE/C/0123ABCD"
COLOURS = st.builds(Colour, *[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("dark", "light", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 1 / 21),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(dark: str, light: str, ratio: float) -> None:
    """Known values of the ratio, on both sides of the limit."""
    assert contrast(Colour.parse(dark), Colour.parse(light)) == pytest.approx(ratio, abs=0.006)


def test_a_contrast_of_exactly_the_limit_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself is enough; no two colours have it, so it is moved to where two are."""
    look = Look(dark="#767676")
    for module in (looks, reading):
        monkeypatch.setattr(module, "MIN_CONTRAST", looks.look_contrast(look))
    assert list(look_faults(look)) == []
    assert passing_look(look) == look
    image = draw(make_symbol(CONTENT, ErrorCorrection.M), ImageFormat.PNG, look=look, title="")
    verify(image, CONTENT)


@given(COLOURS, COLOURS, st.integers(0, 20))
def test_what_is_suggested_passes(dark: Colour, light: Colour, quiet_zone: int) -> None:
    """For any two colours there is a look that is accepted; an accepted one stays as it is."""
    look = Look(dark=str(dark), light=str(light), quiet_zone=quiet_zone)
    better = passing_look(look)
    check_scannable(better)
    assert passing_look(better) == better
    if list(look_faults(look)):
        with pytest.raises(LookRefused, match=better.dark) as refused:
            check_scannable(look)
        assert refused.value.errors == tuple(look_faults(look))
    else:
        assert better == look


@given(COLOURS, COLOURS, st.integers(4, 20), st.sampled_from((1, 2, 3, 8)))
@settings(max_examples=100, deadline=None)
def test_every_look_that_is_accepted_reads_back(
    dark: Colour, light: Colour, quiet_zone: int, scale: int
) -> None:
    """Whatever colours pass, both formats decode to the same bytes, for other readers as well."""
    look = passing_look(Look(dark=str(dark), light=str(light), quiet_zone=quiet_zone, scale=scale))
    symbol = make_symbol(CONTENT, ErrorCorrection.M)
    for image_format in ImageFormat:
        image = draw(symbol, image_format, look=look, title="Code")
        verify(image, CONTENT)
    picture = Image.open(io.BytesIO(draw_png(symbol, look=look))).convert("RGB")
    assert picture.getpixel((0, 0)) == tuple(Colour.parse(look.light).octets)
    corner = (quiet_zone * scale, quiet_zone * scale)
    assert picture.getpixel(corner) == tuple(Colour.parse(look.dark).octets)
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    (found,) = zxingcpp.read_barcodes(picture.convert("L"), formats=formats)
    assert found.bytes == CONTENT.encode()


@pytest.mark.parametrize("image_format", ImageFormat)
@pytest.mark.parametrize(
    ("look", "says"),
    [
        (Look(dark="#999999"), "contrast"),
        (Look(quiet_zone=3), "quiet zone"),
        (Look(quiet_zone=0, dark="#123456"), "quiet zone"),
    ],
)
def test_an_image_that_was_drawn_badly_is_noticed_from_its_bytes(
    image_format: ImageFormat, look: Look, says: str
) -> None:
    """Whoever drew it, contrast and quiet zone are measured in the image itself."""
    image = draw(make_symbol(CONTENT, ErrorCorrection.M), image_format, look=look, title="Code")
    with pytest.raises(CodeUnreadable, match=says):
        read_back(image.body, image.media_type)


def test_any_damaged_byte_of_a_palette_image_is_noticed() -> None:
    """No single changed byte of the file goes unnoticed, those of the palette included."""
    png = draw_png(make_symbol("a", ErrorCorrection.M), look=Look(scale=1, dark="#102030"))
    assert read_back(png, "image/png") == b"a"
    for position in range(len(png)):
        damaged = bytearray(png)
        damaged[position] ^= 0x01
        with pytest.raises(CodeUnreadable):
            read_back(bytes(damaged), "image/png")


@pytest.mark.parametrize(
    "look",
    [
        Look(dark="black"),
        Look(light="transparent"),
        Look(light="#fff"),
        Look(dark="#12345g"),
        Look(scale=0),
        Look(quiet_zone=21),
        Look(quiet_zone=-1),
    ],
)
def test_a_look_that_no_image_can_have_is_refused(look: Look) -> None:
    """Colours are #rrggbb; a transparent ground cannot be judged, as nobody knows what it is on."""
    with pytest.raises(LookRefused) as refused:
        draw_png(make_symbol("a", ErrorCorrection.M), look=look)
    assert len(refused.value.errors) == 1


REFUSED = {
    "dark=%23aaaaaa": ("/query/dark", "low-contrast"),
    "dark=%23ffffff&light=%23000000": ("/query/dark", "inverted"),
    "dark=%23ffff00&light=%230000ff": ("/query/dark", "inverted"),
    "quiet_zone=3": ("/query/quiet_zone", "small-quiet-zone"),
}


@pytest.mark.parametrize("query", REFUSED)
@pytest.mark.parametrize("image_format", ["svg", "png"])
def test_a_look_that_cameras_do_not_read_is_refused_with_one_that_passes(
    qr: QrClient, query: str, image_format: str
) -> None:
    """The problem names what to change and to what; that is then accepted."""
    code = qr.code(kind="dynamic")
    problem = qr.get(f"codes/{code['id']}/render.{image_format}?{query}", 422).json
    assert problem["type"] == "urn:meishi:problem:look-refused"
    pointer, name = REFUSED[query]
    assert [(item["pointer"], item["code"]) for item in problem["errors"]] == [(pointer, name)]
    report = qr.get(f"codes/{code['id']}/verify?{query}").json
    assert report["scannable"] is False
    assert report["suggestions"] == [item["message"] for item in problem["errors"]]
    better = {key: str(value) for key, value in report["suggested"].items()}
    answer = qr.send("GET", f"codes/{code['id']}/render.{image_format}", 200, query_string=better)
    assert answer.headers["ETag"]
    again = qr.send("GET", f"codes/{code['id']}/verify", 200, query_string=better).json
    assert (again["scannable"], again["suggestions"]) == (True, [])


@pytest.mark.parametrize(
    "query", ["light=transparent", "dark=black", "dark=%23000000%0a", "quiet_zone=-1", "size=100"]
)
def test_a_malformed_look_is_malformed(qr: QrClient, query: str) -> None:
    """What is no colour or number at all is 400, for images and reports alike."""
    code = qr.code(kind="dynamic")
    for what in ("render.svg", "render.png", "verify"):
        answer = qr.get(f"codes/{code['id']}/{what}?{query}", 400)
        assert answer.json["errors"][0]["pointer"].startswith("/query/")


def test_a_report_says_how_well_a_code_scans(qr: QrClient) -> None:
    """Version and modules are those of the symbol; an address reads smaller than a contact."""
    dynamic, static = qr.code(kind="dynamic"), qr.code()
    report = qr.get(f"codes/{dynamic['id']}/verify").json
    symbol = make_symbol(dynamic["content"], ErrorCorrection.M)
    assert (report["version"], report["modules"]) == (symbol.version, len(symbol.rows))
    assert f"{report['version']}-{report['error_correction']}" == symbol.designator
    assert (report["scannable"], report["decodes"], report["contrast"]) == (True, True, 21.0)
    small = {
        code["kind"]: min(item["pixels"] for item in found["sizes"] if item["decodes"])
        for code, found in (
            (dynamic, report),
            (static, qr.get(f"codes/{static['id']}/verify").json),
        )
    }
    assert small["dynamic"] < small["vcard"]
    assert report["sizes"][-1]["decodes"] is True


def draw_other(symbol: Symbol, image_format: ImageFormat, *, look: Look, title: str) -> Drawing:
    """Draw a good code of something else."""
    other = make_symbol("https://example.com/", ErrorCorrection.M)
    assert other != symbol
    return draw(other, image_format, look=look, title=title)


def test_a_code_that_does_not_decode_is_not_scannable() -> None:
    """A look without a fault is not enough: the image must carry the content."""
    report = scan_report(CONTENT, ErrorCorrection.M, Look(), draw=draw_other)
    assert (report.scannable, report.decodes, report.suggestions) == (False, False, ())
    assert not any(item.decodes for item in report.sizes)
    assert scan_report(CONTENT, ErrorCorrection.M, Look(), draw=draw).scannable


def test_a_quiet_zone_that_is_wide_enough_is_measured_exactly() -> None:
    """A module more on every side makes the picture two modules wider, and is still read."""
    symbol = make_symbol(CONTENT, ErrorCorrection.M)
    sides = [
        draw(symbol, ImageFormat.PNG, look=replace(Look(), quiet_zone=zone), title="").width
        for zone in (4, 5)
    ]
    assert sides[1] - sides[0] == 2 * Look().scale
