"""Cards as people make, see and print them in a browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from meishi.sdk.context import service
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location
from qr.contract import Cards

from .conftest import ANNA, QrClient

NASTY = "<script>alert('x')</script>\"&"
UNKNOWN = str(UUID(int=1))


@pytest.fixture
def become(database: Location) -> Callable[[str], None]:
    """Gives everybody another role."""

    def change(role: str) -> None:
        with psycopg.connect(database.administrator_url()) as admin:
            admin.execute("UPDATE identity.membership SET role = %s", [role])

    return change


def pictures_on(page: str) -> list[str]:
    """Return the addresses of a page's pictures."""
    return [found.replace("&amp;", "&") for found in re.findall(r'<img src="([^"]*)"', page)]


def post(browser: Browser, path: str, page: str) -> int:
    """Press a button of a page; return the status."""
    token = token_on(browser.get(page))
    return browser.client.post(path, data={"csrf_token": token}).status_code


def test_an_empty_list_says_how_to_begin(signed_in: Browser) -> None:
    """Where no card is, a page leads to the contacts to choose from, and to making one."""
    page = signed_in.get("/qr")
    assert page.status_code == 200
    assert "No cards yet" in page.text
    assert page.text.count('href="/qr/new"') == 2
    assert 'href="/contacts/new"' in signed_in.get("/qr/new").text


def test_a_card_is_made_of_a_contact_that_is_found(signed_in: Browser, qr: QrClient) -> None:
    """Search, choose, tick: the card shows what was ticked, and has a code that leads to it."""
    contact = qr.make("contacts", ANNA)
    qr.make("contacts", {"name": {"full": "Bertil"}})
    found = signed_in.get("/qr/new?q=anna").text
    assert re.findall(r'href="(/qr/new\?contact=[^"]*)"', found) == [
        f"/qr/new?contact={contact['id']}"
    ]
    assert "Nothing found" in signed_in.get("/qr/new?q=zebra").text
    made = signed_in.send(f"/qr/new?contact={contact['id']}", {"fields": ["emails", "title"]})
    assert made.status_code == 303
    page = signed_in.get(str(made.location)).text
    assert "The card was made" in page
    (card,) = qr.get("cards").json["items"]
    assert (made.location, card["fields"]) == (f"/qr/{card['id']}", ["title", "emails"])
    assert f'value="{card["page_url"]}"' in page
    (code,) = qr.get("codes").json["items"]
    assert code["kind"] == "dynamic"
    (picture,) = pictures_on(page)
    assert picture.startswith(f"/qr/codes/{code['id']}/code.svg?")
    listed = signed_in.get("/qr").text
    assert f'href="/qr/{card["id"]}">{ANNA["name"]["full"]}<' in listed
    assert card["page_url"] in listed


def test_a_list_goes_on(signed_in: Browser, qr: QrClient) -> None:
    """All cards are reached, page by page, with the number of their codes."""
    contact_id = qr.make("contacts", ANNA)["id"]
    cards = [qr.make("qr/cards", {"contact_id": contact_id})["id"] for _ in range(25)]
    for _ in range(2):
        qr.make("qr/codes", {"card_id": cards[0], "kind": "dynamic"})
    first = signed_in.get("/qr").text
    (following,) = re.findall(r'href="(/qr\?[^"]*after=[^"]*)"', first)
    rest = signed_in.get(following.replace("&amp;", "&")).text
    assert re.findall(r'href="/qr/([0-9a-f-]{36})"', first + rest) == cards
    assert re.findall(r'<td class="text-secondary">(\d+)<', first + rest) == ["2"] + ["0"] * 24
    for wrong in ("after=x", "limit=0", "page=2"):
        assert signed_in.get(f"/qr?{wrong}").status_code == 400


def test_a_card_is_changed_unless_somebody_else_was_faster(
    signed_in: Browser, qr: QrClient
) -> None:
    """What is sent is stored; a form that was opened before another change says so."""
    card = qr.card()
    path = f"/qr/{card['id']}/edit"
    old = {"title": "Mine", "fields": ["phones"], "version": str(card["version"])}
    qr.change(f"cards/{card['id']}", {"title": "Theirs"})
    conflict = signed_in.send(path, old)
    assert conflict.status_code == 412
    assert 'value="Mine"' in conflict.text
    for version in ("", "x", "9" * 30, "-1"):
        assert signed_in.send(path, {**old, "version": version}).status_code == 412
    (version,) = re.findall(r'name="version" value="(\d+)"', conflict.text)
    saved = signed_in.send(path, {**old, "version": version})
    assert (saved.status_code, saved.location) == (303, f"/qr/{card['id']}")
    after = qr.get(f"cards/{card['id']}").json
    assert (after["title"], after["fields"]) == ("Mine", ["phones"])


def test_what_is_refused_is_shown_with_all_that_was_typed(signed_in: Browser, qr: QrClient) -> None:
    """Forms come back as they were sent, and nothing was made or changed."""
    card = qr.card()
    long = "x" * 201
    edited = {"title": long, "fields": ["links"], "version": "1"}
    refused = signed_in.send(f"/qr/{card['id']}/edit", edited)
    assert refused.status_code == 422
    assert f'value="{long}"' in refused.text
    assert re.findall(r'value="(\w+)" checked', refused.text) == ["links"]
    assert "is-invalid" in refused.text
    for wrong in ({"title": " "}, {"title": "x", "fields": ["note"]}):
        answer = signed_in.send(f"/qr/{card['id']}/edit", {**edited, **wrong})
        assert answer.status_code == 422
    assert qr.get(f"cards/{card['id']}").json == card
    making = f"/qr/new?contact={card['contact_id']}"
    assert signed_in.send(making, {"fields": ["links", "note"]}).status_code == 422
    assert len(qr.get("cards").json["items"]) == 1
    coded = {"kind": "vcard", "error_correction": "Q", "label": long}
    refused = signed_in.send(f"/qr/{card['id']}/new-code", coded)
    assert refused.status_code == 422
    assert f'value="{long}"' in refused.text
    assert 'value="vcard" selected' in refused.text
    for kind in ("x", ""):
        form = {**coded, "label": "", "kind": kind}
        assert signed_in.send(f"/qr/{card['id']}/new-code", form).status_code == 422
    assert qr.get("codes").json["items"] == []


def test_a_code_that_cannot_be_made_says_why(signed_in: Browser, qr: QrClient) -> None:
    """A name that no code holds is told in the form, not on a page of errors."""
    card = qr.card({"name": {"full": "N" * 4000}})
    form = {"kind": "vcard", "error_correction": "H", "label": "Fair"}
    refused = signed_in.send(f"/qr/{card['id']}/new-code", form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert 'value="Fair"' in refused.text
    contact = f"/api/v1/contacts/{card['contact_id']}"
    assert qr.client.delete(contact, headers={**qr.headers, "If-Match": "*"}).status_code == 204
    gone = signed_in.send(f"/qr/{card['id']}/new-code", {**form, "error_correction": "L"})
    assert gone.status_code == 422
    assert 'role="alert"' in gone.text
    assert qr.get("codes").json["items"] == []


def test_pictures_are_what_the_code_says(signed_in: Browser, qr: QrClient) -> None:
    """The pictures of a page are drawn in its look, decode, and are downloaded as both formats."""
    card = qr.card()
    made = signed_in.send(
        f"/qr/{card['id']}/new-code", {"kind": "vcard", "error_correction": "M", "label": "Fair"}
    )
    assert made.status_code == 303
    (code,) = qr.get("codes").json["items"]
    assert (code["label"], code["kind"]) == ("Fair", "vcard")
    page = signed_in.get(f"/qr/{card['id']}?dark=%23003366&light=%23ffffee&quiet_zone=6")
    assert page.status_code == 200
    assert "Easy to scan" in page.text
    (picture,) = pictures_on(page.text)
    svg = signed_in.get(picture)
    assert svg.mimetype == "image/svg+xml"
    assert "#003366" in svg.text
    assert "#ffffee" in svg.text
    assert svg.headers["Content-Security-Policy"] == "default-src 'none'"
    assert svg.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in svg.headers["Cache-Control"]
    downloads = re.findall(r'href="([^"]*)" download="code.(?:png|svg)"', page.text)
    assert len(downloads) == 2
    png = signed_in.get(downloads[0].replace("&amp;", "&"))
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.data)).convert("L"))
    assert found.bytes == code["content"].encode()
    seen = {"If-None-Match": svg.headers["ETag"]}
    assert signed_in.get(picture, headers=seen).status_code == 304


@pytest.mark.parametrize(
    ("query", "field", "suggests"),
    [
        ("dark=%23cccccc&light=%23ffffff", "dark", True),
        ("dark=%23ffffff&light=%23000000", "dark", True),
        ("quiet_zone=1", "quiet_zone", True),
        ("quiet_zone=many", "quiet_zone", False),
        ("light=red", "light", False),
    ],
)
def test_a_look_that_cameras_do_not_read_is_refused_at_its_field(
    signed_in: Browser, qr: QrClient, query: str, field: str, suggests: bool
) -> None:
    """The form keeps what was typed and says what is wrong; what it suggests passes."""
    path = f"/qr/{qr.code()['card_id']}"
    refused = signed_in.get(f"{path}?{query}")
    assert refused.status_code == 422
    assert re.findall(r'class="invalid-feedback" id="f-(\w+)-note"', refused.text) == [field]
    typed = re.search(rf'name="{field}" type="\w+" value="([^"]*)"', refused.text)
    assert typed is not None
    assert f"{field}={typed[1].replace('#', '%23')}" in query
    (picture,) = pictures_on(refused.text)
    assert signed_in.get(picture).status_code == 200
    better = re.findall(rf'href="({path}\?[^"]*)">Take', refused.text)
    assert len(better) == suggests
    for address in better:
        assert signed_in.get(address.replace("&amp;", "&")).status_code == 200
    (code,) = qr.get("codes").json["items"]
    drawn = signed_in.get(f"/qr/codes/{code['id']}/code.png?{query}")
    assert drawn.status_code == (422 if suggests else 400)


def test_a_code_is_taken_out_of_use_and_brought_back(signed_in: Browser, qr: QrClient) -> None:
    """Its card's page offers each, and shows where it stands."""
    code = qr.code()
    card, path = f"/qr/{code['card_id']}", f"/qr/codes/{code['id']}"
    assert post(signed_in, f"{path}/delete", card) == 303
    page = signed_in.get(card).text
    assert "The code is out of use" in page
    assert "No code in use" in page
    assert pictures_on(page) == []
    assert signed_in.get(f"{path}/code.svg").status_code == 404
    assert post(signed_in, f"{path}/restore", card) == 303
    assert len(pictures_on(signed_in.get(card).text)) == 1
    for action in ("delete", "restore"):
        assert signed_in.get(f"{path}/{action}").status_code == 405


def test_what_was_erased_is_not_offered_again(
    signed_in: Browser, qr: QrClient, workspace: WorkspaceUnderTest
) -> None:
    """The card of an erased contact says so, and none of its codes can be restored."""
    code = qr.code()
    card = qr.get(f"cards/{code['card_id']}").json
    contact = f"/api/v1/contacts/{card['contact_id']}"
    assert qr.client.delete(contact, headers={**qr.headers, "If-Match": "*"}).status_code == 204
    with workspace.acting_as("qr"):
        service(Cards).forget_contacts((UUID(card["contact_id"]),))
    for path in ("/qr", f"/qr/{card['id']}"):
        page = signed_in.get(path)
        assert page.status_code == 200
        assert "Erased" in page.text
        assert ANNA["name"]["full"] not in page.text
        assert f"{code['id']}/restore" not in page.text


def test_codes_of_a_card_go_on(signed_in: Browser, qr: QrClient) -> None:
    """A card with many codes shows them page by page, in the same look."""
    card = qr.card()
    codes = [
        qr.make("qr/codes", {"card_id": card["id"], "kind": "dynamic"})["id"] for _ in range(12)
    ]
    first = signed_in.get(f"/qr/{card['id']}?dark=%23003366").text
    (following,) = re.findall(r'href="([^"]*after=[^"]*)"', first)
    rest = signed_in.get(following.replace("&amp;", "&")).text
    pictures = [*pictures_on(first), *pictures_on(rest)]
    assert [picture.split("/")[3] for picture in pictures] == codes
    assert all("dark=%23003366" in picture for picture in pictures)
    assert signed_in.get(f"/qr/{card['id']}?after=x").status_code == 400


def test_nothing_of_a_card_is_markup(signed_in: Browser, qr: QrClient) -> None:
    """Whatever a contact, a card or a label brings is text on every page."""
    card = qr.card({"name": {"full": NASTY}, "organisation": NASTY})
    code = qr.make("qr/codes", {"card_id": card["id"], "label": NASTY})
    paths = [
        "/qr",
        "/qr/new",
        f"/qr/new?contact={card['contact_id']}",
        f"/qr/{card['id']}",
        f"/qr/{card['id']}/edit",
        f"/qr/{card['id']}/new-code",
        f"/contacts/{card['contact_id']}?_panel=qr.cards",
    ]
    pages = [signed_in.get(path).text for path in paths]
    assert post(signed_in, f"/qr/codes/{code['id']}/delete", paths[3]) == 303
    pages.append(signed_in.get(paths[3]).text)
    for page in pages:
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page
        assert not re.search(r"<[^>]*\s(?:on\w+|style)=", page)


def test_forms_that_no_page_sent_are_refused(signed_in: Browser, qr: QrClient) -> None:
    """Without what our pages carry nothing is made or changed."""
    code = qr.code()
    card = qr.get(f"cards/{code['card_id']}").json
    for path in (
        f"new?contact={card['contact_id']}",
        f"{card['id']}/edit",
        f"{card['id']}/new-code",
        f"codes/{code['id']}/delete",
        f"codes/{code['id']}/restore",
    ):
        form = {"title": "x", "version": "1", "kind": "vcard", "error_correction": "M"}
        assert signed_in.client.post(f"/qr/{path}", data=form).status_code == 403
    assert qr.get("cards").json["items"] == [card]
    assert qr.get("codes").json["items"] == [code]


def test_viewers_look_and_change_nothing(
    signed_in: Browser, qr: QrClient, become: Callable[[str], None]
) -> None:
    """Who may not write is shown neither buttons nor forms, and is refused what they send."""
    code = qr.code()
    card = qr.get(f"cards/{code['card_id']}").json
    path, contact = f"/qr/{card['id']}", f"/contacts/{card['contact_id']}?_panel=qr.cards"
    token = token_on(signed_in.get(path))
    become("viewer")
    for readable in ("/qr", path, contact):
        page = signed_in.get(readable)
        assert page.status_code == 200
        assert not re.search(r'(?:href|action)="/qr/[^"]*(?:new|edit|delete)', page.text)
    (picture,) = pictures_on(signed_in.get(path).text)
    assert signed_in.get(picture).status_code == 200
    for writing in ("/qr/new", f"{path}/edit", f"{path}/new-code"):
        assert signed_in.get(writing).status_code == 403
    for action in ("delete", "restore"):
        answer = signed_in.client.post(
            f"/qr/codes/{code['id']}/{action}", data={"csrf_token": token}
        )
        assert answer.status_code == 403
    become("member")
    assert signed_in.get(f"{path}/edit").status_code == 200


def test_strangers_are_led_to_the_sign_in(client: FlaskClient, qr: QrClient) -> None:
    """No page and no picture of the console is open to who is not signed in."""
    code = qr.code()
    for path in ("", "/new", f"/{code['card_id']}", f"/codes/{code['id']}/code.png"):
        answer = client.get(f"/qr{path}")
        assert answer.status_code == 303
        assert str(answer.location).startswith("/sign-in?next=")


def test_a_contact_shows_its_cards(signed_in: Browser, qr: QrClient) -> None:
    """The panel names the cards of this contact alone, and leads to making another."""
    card, other = qr.card(), qr.card({"name": {"full": "Bertil"}})
    contact = f"/contacts/{card['contact_id']}"
    assert f'hx-get="{contact}?_panel=qr.cards"' in signed_in.get(contact).text
    panel = signed_in.get(f"{contact}?_panel=qr.cards").text
    assert f'href="/qr/{card["id"]}"' in panel
    assert other["id"] not in panel
    assert f'href="/qr/new?contact={card["contact_id"]}"' in panel
    assert "<html" not in panel
    assert post(signed_in, f"{contact}/delete", contact) == 303
    assert signed_in.get(f"{contact}?_panel=qr.cards").text == ""
    assert signed_in.get(f"/qr/new?contact={card['contact_id']}").status_code == 404
    page = signed_in.get(f"/qr/{card['id']}")
    assert page.status_code == 200
    assert contact not in page.text


def test_cards_of_others_are_not_there(
    signed_in: Browser, client: FlaskClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Another workspace's card, code or contact is as good as none, and stays as it is."""
    theirs = QrClient(client.application.test_client(), other_workspace.headers)
    code = theirs.code({"name": {"full": "Theirs"}})
    card = theirs.get(f"cards/{code['card_id']}").json
    token = token_on(signed_in.get("/qr"))
    for found, shown in ((card["id"], code["id"]), (UNKNOWN, UNKNOWN)):
        for path in ("", "/edit", "/new-code"):
            assert signed_in.get(f"/qr/{found}{path}").status_code == 404
        for path in ("code.svg", "code.png"):
            assert signed_in.get(f"/qr/codes/{shown}/{path}").status_code == 404
        for path in (
            f"{found}/edit",
            f"{found}/new-code",
            f"codes/{shown}/delete",
            f"codes/{shown}/restore",
        ):
            answer = signed_in.client.post(f"/qr/{path}", data={"csrf_token": token})
            assert answer.status_code == 404
    for contact in (card["contact_id"], UNKNOWN, "x"):
        assert signed_in.get(f"/qr/new?contact={contact}").status_code == 404
    assert signed_in.get(f"/contacts/{card['contact_id']}?_panel=qr.cards").text == ""
    assert "Theirs" not in signed_in.get("/qr").text + signed_in.get("/qr/new").text
    assert theirs.get(f"codes/{code['id']}").json == code
