"""Cards and codes over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from crm_contacts.contract import ContactDraft, Contacts, Name
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location
from qr.contract import (
    Cards,
    CardSourceMissing,
    CodeNotFound,
    Codes,
    CodeUnreadable,
    ErrorCorrection,
    ImageFormat,
    Look,
)
from qr.contract import Image as Drawing
from qr.rendering import draw
from qr.service import CodeService
from qr.symbol import Symbol, make_symbol, printable_bytes

from .conftest import ANNA, Json, QrClient

UNKNOWN = str(UUID(int=1))
#: Full in every field that a code shows, and longer than any code may be.
ABUNDANT: Json = ANNA | {
    "phones": [{"number": f"+44 20 7946 {n:04}"} for n in range(40)],
    "links": [{"url": f"https://example.org/{n}"} for n in range(40)],
    "addresses": [{"street": "Storgatan 1", "locality": "Stockholm", "country": "Sverige"}],
}


def context() -> PluginContext:
    """Return what the host hands to a service."""
    return PluginContext(
        plugin="qr",
        settings={},
        clock=lambda: datetime.now(UTC),
        new_id=lambda: UUID(int=7),
        public_url="https://cards.example",
    )


def unfolded(content: str) -> Iterator[str]:
    """Yield the lines of a code's card."""
    assert content.endswith("\r\n")
    yield from content.split("\r\n")[:-1]


def test_card_and_code_of_a_contact_can_be_read_back(qr: QrClient) -> None:
    """A card names its contact; a code carries the contact as vCard 3.0, without private parts."""
    card = qr.card()
    assert card["title"] == ANNA["name"]["full"]
    assert qr.get(f"cards/{card['id']}").json == card
    assert qr.get("cards").json == {"items": [card], "next_after": None}
    code = qr.make("qr/codes", {"card_id": card["id"], "error_correction": "Q"})
    assert qr.get(f"codes/{code['id']}").json == code
    assert (code["kind"], code["error_correction"]) == ("vcard", "Q")
    assert list(unfolded(code["content"])) == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:山田;Anna;;;",
        "FN:Anna Žofie 山田",
        "ORG:Lindqvist\\; Arkitekter",
        "TITLE:Architect",
        "TEL;TYPE=WORK:+44 20 7946 0018",
        "EMAIL;TYPE=PREF:anna@example.org",
        "URL:https://example.org/",
        "END:VCARD",
    ]


@pytest.mark.parametrize("scale", [1, 3, 8, 40])
def test_png_decodes_to_the_content_of_its_code(qr: QrClient, scale: int) -> None:
    """Another program's decoder reads from the PNG exactly what the code says."""
    code = qr.code()
    answer = qr.get(f"codes/{code['id']}/render.png?scale={scale}")
    assert answer.mimetype == "image/png"
    image = Image.open(io.BytesIO(answer.data)).convert("L")
    assert image.width == image.height
    assert image.width % scale == 0
    (found,) = zxingcpp.read_barcodes(image)
    assert found.bytes == code["content"].encode()


def test_svg_is_a_picture_that_can_do_nothing(qr: QrClient) -> None:
    """The SVG says its size, loads nothing, and its headers forbid it to run anything."""
    answer = qr.get(f"codes/{qr.code()['id']}/render.svg?scale=5")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.text.count("href") == answer.text.count("<script") == 0
    side = int(answer.text.split('width="')[1].split('"')[0])
    assert side % 5 == 0


def test_drawing_is_kept_by_the_caller_and_sent_once(qr: QrClient) -> None:
    """A drawing may be cached privately, and is not sent again to who has it."""
    path = f"/api/v1/qr/codes/{qr.code()['id']}/render.png"
    answer = qr.client.get(path, headers=qr.headers)
    assert answer.cache_control.private
    assert not answer.cache_control.no_store
    again = qr.client.get(path, headers={**qr.headers, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def draw_nothing(symbol: Symbol, image_format: ImageFormat, *, look: Look, title: str) -> Drawing:
    """Refuse to draw."""
    raise AssertionError(f"{symbol.designator} was drawn as {image_format} ({look}, {title})")


@pytest.mark.inside
def test_who_has_a_drawing_is_answered_without_drawing(
    qr: QrClient, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """The tag follows from what is drawn and how; one that cannot be drawn shows the rest."""
    code = qr.code()
    path = f"codes/{code['id']}/render.svg"
    sent = qr.get(path).headers["ETag"]
    with workspace.acting_as("qr"):
        tag = CodeService(context(), draw=draw_nothing).image_tag(UUID(code["id"]), ImageFormat.SVG)
    assert sent == f'"{tag}"'
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute("UPDATE qr.code SET content = repeat('x', 9000)")
    qr.get(path, 500)
    with workspace.acting_as("qr"):
        other = service(Codes).image_tag(UUID(code["id"]), ImageFormat.SVG)
    for held in (f'"{other}"', f'W/"{other}"', f'"x", "{other}"', "*"):
        answer = qr.send("GET", path, 304, headers={"If-None-Match": held})
        assert (answer.headers["ETag"], answer.data) == (f'"{other}"', b"")
        assert answer.cache_control.private
    qr.send("GET", path, 500, headers={"If-None-Match": sent})
    qr.send("GET", f"{path}?quiet_zone=3", 422, headers={"If-None-Match": "*"})


SCALES = ["0", "41", "-1", "2.5", "large", "", "8&colour=red"]


def test_scale_out_of_bounds_is_malformed(qr: QrClient, subtests: pytest.Subtests) -> None:
    """A scale is a whole number from 1 to 40, and nothing else is understood."""
    for scale in SCALES:
        with subtests.test(scale=scale):
            code = qr.code()
            for image_format in ("svg", "png"):
                answer = qr.get(f"codes/{code['id']}/render.{image_format}?scale={scale}", 400)
                assert answer.json["errors"][0]["pointer"].startswith("/query/")


def test_what_is_not_there_is_not_found(
    qr: QrClient, client: FlaskClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Unknown cards and codes, and those of another workspace, are 404 alike."""
    foreign = QrClient(client, other_workspace.headers).code()
    for card_id in (UNKNOWN, foreign["card_id"]):
        assert qr.get(f"cards/{card_id}", 404).json["type"].endswith(":card-not-found")
        problem = qr.make("qr/codes", {"card_id": card_id}, 404)
        assert problem["type"].endswith(":card-not-found")
    for code_id in (UNKNOWN, foreign["id"]):
        for path in ("", "/render.svg", "/render.png"):
            answer = qr.get(f"codes/{code_id}{path}", 404)
            assert answer.json["type"].endswith(":code-not-found")
    assert qr.get("cards").json["items"] == []


def test_card_needs_a_contact_of_its_workspace(
    qr: QrClient, client: FlaskClient, other_workspace: WorkspaceUnderTest
) -> None:
    """A contact that is unknown or another workspace's makes no card."""
    other = QrClient(client, other_workspace.headers)
    foreign = other.make("contacts", ANNA)["id"]
    for contact_id in (UNKNOWN, foreign):
        problem = qr.make("qr/cards", {"contact_id": contact_id}, 422)
        assert problem["type"] == "urn:meishi:problem:card-source-missing"


def test_contract_says_the_same_to_other_plugins(workspace: WorkspaceUnderTest) -> None:
    """Through the contract, a card is made of a contact, and its absence is a declared error."""
    with workspace.acting_as("crm_contacts"):
        contact = service(Contacts).create(ContactDraft(name=Name(full="Anna")))
    with workspace.acting_as("qr"):
        assert service(Cards).create_card(contact.id).contact_id == contact.id
        with pytest.raises(CardSourceMissing):
            service(Cards).create_card(UUID(int=1))


@pytest.mark.parametrize("changed", ["UPDATE {} SET full_name = 'Else'", "DELETE FROM {}"])
def test_code_stays_as_printed_when_its_contact_changes(
    qr: QrClient, database: Location, changed: str
) -> None:
    """A static code is fixed; only a new one shows, or misses, the contact as it is now."""
    code = qr.code()
    before = qr.get(f"codes/{code['id']}/render.svg").data
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(changed.format("crm_contacts.contact").encode())
    assert qr.get(f"codes/{code['id']}").json == code
    assert qr.get(f"codes/{code['id']}/render.svg").data == before
    document = {"card_id": code["card_id"]}
    if changed.startswith("DELETE"):
        problem = qr.make("qr/codes", document, 422)
        assert problem["type"] == "urn:meishi:problem:card-source-missing"
    else:
        assert "FN:Else" in unfolded(qr.make("qr/codes", document)["content"])


@pytest.mark.parametrize("error_correction", ["L", "M", "Q", "H"])
def test_abundant_contact_gets_a_code_that_a_telephone_reads(
    qr: QrClient, error_correction: str
) -> None:
    """Whatever a contact holds, its code stays printable and keeps name, phone and email."""
    content = qr.code(ABUNDANT, error_correction=error_correction)["content"]
    lines = list(unfolded(content))
    assert "FN:Anna Žofie 山田" in lines
    assert "TEL:+44 20 7946 0000" in lines
    assert "EMAIL;TYPE=PREF:anna@example.org" in lines


def test_name_that_no_code_holds_is_refused(qr: QrClient) -> None:
    """Only a name of absurd length is too much, and the answer says so."""
    card = qr.card({"name": {"full": "A" * 5_000}})
    problem = qr.make("qr/codes", {"card_id": card["id"]}, 422)
    assert problem["type"] == "urn:meishi:problem:code-too-large"


WRONG = [
    ("qr/cards", {}, "/contact_id"),
    ("qr/cards", {"contact_id": "x"}, "/contact_id"),
    ("qr/codes", {"card_id": UNKNOWN, "kind": "poem"}, "/kind"),
    ("qr/codes", {"card_id": UNKNOWN, "error_correction": "Z"}, "/error_correction"),
    ("qr/codes", {"card_id": UNKNOWN, "colour": "red"}, "/colour"),
]


def test_wrong_document_is_pointed_to(qr: QrClient, subtests: pytest.Subtests) -> None:
    """What is missing, malformed or unknown is named by its pointer."""
    for collection, document, pointer in WRONG:
        with subtests.test(document=document):
            problem = qr.make(collection, document, 400 if "colour" in document else 422)
            assert [item["pointer"] for item in problem["errors"]] == [pointer]


def test_pages_hold_every_card_once(qr: QrClient) -> None:
    """Following `next_after` visits each card exactly once."""
    created = [qr.card()["id"] for _ in range(5)]
    seen: list[str] = []
    page: Json = qr.get("cards?limit=2").json
    while True:
        seen += [item["id"] for item in page["items"]]
        if page["next_after"] is None:
            break
        page = qr.get(f"cards?limit=2&after={page['next_after']}").json
    assert seen == created


@pytest.mark.parametrize("error_correction", ErrorCorrection)
def test_printable_code_is_at_most_of_version_20(error_correction: ErrorCorrection) -> None:
    """The limit is exactly what version 20 holds."""
    limit = printable_bytes(error_correction)
    assert make_symbol("a" * limit, error_correction).version == 20
    assert make_symbol("a" * (limit + 1), error_correction).version == 21


def draw_other(symbol: Symbol, image_format: ImageFormat, *, look: Look, title: str) -> Drawing:
    """Draw a good code of something else."""
    other = make_symbol("https://example.com/", ErrorCorrection.M)
    assert other != symbol
    return draw(other, image_format, look=look, title=title)


@pytest.mark.inside
def test_code_that_reads_as_something_else_is_neither_made_nor_served(
    qr: QrClient, workspace: WorkspaceUnderTest
) -> None:
    """Whatever draws the images, nobody gets one that does not carry its content."""
    card_id, code_id = UUID(qr.card()["id"]), UUID(qr.code()["id"])
    faulty = CodeService(context(), draw=draw_other)
    with workspace.acting_as("qr"):
        with pytest.raises(CodeUnreadable) as refused:
            faulty.create_code(card_id)
        with pytest.raises(CodeNotFound):
            faulty.get_code(UUID(int=7))
        for image_format in ImageFormat:
            with pytest.raises(CodeUnreadable):
                faulty.render(code_id, image_format)
    assert refused.value.code == "code-unreadable"
