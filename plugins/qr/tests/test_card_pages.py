"""The pages that anybody sees: scanned codes, cards, contact files."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.contract import Address, ContactDraft, Email, Link, Name, Phone
from meishi.testing.fixtures import WorkspaceUnderTest
from qr.contract import CardField, PublicCard
from qr.exchange_form import ExchangeForm
from qr.landing import card_page, safe_address

from .conftest import ANNA, Json, QrClient, VisitLog

TELEPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 Safari/604.1"
PREVIEW = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
#: Full in every field, shown or not.
FULL: Json = ANNA | {
    "nicknames": ["Nickname of hers"],
    "role": "Role of hers",
    "birthday": "1985-12-24",
    "uid": "urn:uuid:secret-uid",
    "units": ["Studio North"],
    "addresses": [{"street": "Storgatan 1", "locality": "Umeå", "country": "Sverige"}],
    "raw": [{"name": "X-SECRET", "value": "raw value"}],
}
NEVER = ("not for others", "1985", "secret-uid", "X-SECRET", "raw value", "Nickname", "Role of")
PARTS = {
    "organisation": ("Lindqvist", "Studio North"),
    "title": ("Architect",),
    "phones": ("7946",),
    "emails": ("anna@example.org",),
    "links": ("https://example.org/",),
    "addresses": ("Storgatan", "Umeå", "Sverige"),
}
#: Elements without an end.
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """A page as a browser would read it: its elements, links and text, well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.style = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold an end against its beginning."""
        assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without an inside."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a text; that of the style sheet apart."""
        if self._open and self._open[-1] == "style":
            self.style += data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All text, without white space at the edges."""
        return "\n".join(filter(None, (text.strip() for text in self.texts)))

    @property
    def links(self) -> list[str]:
        """Where all links lead."""
        return [attrs["href"] or "" for tag, attrs in self.elements if "href" in attrs]

    def count(self, tag: str) -> int:
        """Return how many elements there are of a kind."""
        return sum(1 for name, _ in self.elements if name == tag)

    def meta(self) -> dict[str, str | None]:
        """Return what the head says of the page."""
        return {
            name: attrs.get("content")
            for tag, attrs in self.elements
            if tag == "meta" and (name := attrs.get("property") or attrs.get("name"))
        }


def scan_path(code: Json) -> str:
    """Return the path to which a dynamic code leads."""
    return f"/C/{code['content'].rpartition('/')[2]}"


def path_of(card: Json) -> str:
    """Return the path of a card's page."""
    return f"/p/{card['slug']}"


def test_a_scanned_code_leads_to_the_page_and_is_counted(
    qr: QrClient, client: FlaskClient, visits: VisitLog
) -> None:
    """Scan, view and save are one event each, with ids and classes and nothing of the visitor."""
    card = qr.card()
    code = qr.make("qr/codes", {"card_id": card["id"], "kind": "dynamic"})
    short_code = code["content"].rpartition("/")[2]
    headers = {"User-Agent": TELEPHONE, "Referer": "https://Mail.Example/inbox?from=boss"}
    scanned = client.get(f"/C/{short_code}", headers=headers)
    assert (scanned.status_code, scanned.headers["Location"]) == (302, path_of(card))
    assert scanned.headers["Cache-Control"] == "no-store"
    assert client.get(path_of(card)).status_code == 200
    assert client.get(f"{path_of(card)}/card.vcf").status_code == 200
    common = {"card_id": card["id"], "device_class": "unknown", "referrer_host": None}
    told = visits.all()
    assert len({found.pop("visitor") for _, found in told}) == 2, "one came with a telephone"
    assert told == [
        (
            "card.scanned.v1",
            common
            | {
                "code_id": code["id"],
                "channel": "scan",
                "device_class": "mobile",
                "referrer_host": "mail.example",
            },
        ),
        ("card.viewed.v1", common | {"code_id": None, "channel": "page"}),
        ("card.saved.v1", common | {"code_id": None, "channel": "file"}),
    ]


@pytest.mark.parametrize(("method", "agent"), [("HEAD", TELEPHONE), ("GET", PREVIEW)])
def test_previews_and_head_are_answered_and_not_counted(
    qr: QrClient, client: FlaskClient, visits: VisitLog, method: str, agent: str
) -> None:
    """Programs that look ahead see what people see, but are no visit."""
    card = qr.card()
    code = qr.make("qr/codes", {"card_id": card["id"], "kind": "dynamic"})
    paths = (scan_path(code), path_of(card), f"{path_of(card)}/card.vcf")
    statuses = [
        client.open(path, method=method, headers={"User-Agent": agent}).status_code
        for path in paths
    ]
    assert statuses == [302, 200, 200]
    assert visits.all() == []


def test_a_code_is_understood_as_people_type_it(qr: QrClient, client: FlaskClient) -> None:
    """Small letters, and I, L and O for the digits that they look like, lead to the same page."""
    card = qr.card()
    code = qr.make("qr/codes", {"card_id": card["id"], "kind": "dynamic"})
    short_code = code["content"].rpartition("/")[2]
    typed = [short_code, short_code.lower(), short_code.replace("1", "I").replace("0", "O")]
    typed += [short_code.replace("1", "l").replace("0", "o")]
    for path in (f"/{root}/{text}" for root in "Cc" for text in typed):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, path_of(card)), path


@pytest.mark.parametrize(
    "path",
    [
        "/C/ZZZZZZZZ",
        "/C/ZZZZZZZZZZ",
        "/C/UUUUUUUUUU",
        "/C/x",
        "/C/%00",
        "/c/%ff",
        "/p/zzzzzzzzzzzz",
        "/p/'--",
        "/p/A",
    ],
)
def test_what_is_not_there_is_not_found(
    qr: QrClient, client: FlaskClient, visits: VisitLog, path: str
) -> None:
    """Unknown and malformed codes and slugs are 404 alike."""
    qr.code(kind="dynamic")
    assert client.get(path).status_code == 404
    assert visits.all() == []


def test_a_retired_code_says_so_until_it_is_restored(
    qr: QrClient, client: FlaskClient, visits: VisitLog
) -> None:
    """A printed code never leads nowhere: its page tells that it is out of use."""
    code = qr.code(kind="dynamic")
    path = scan_path(code)
    qr.delete(f"codes/{code['id']}")
    gone = client.get(path)
    assert gone.status_code == 410
    assert "This code is no longer in use" in Page(gone.text).text
    assert visits.all() == []
    qr.send("POST", f"codes/{code['id']}/restore", 200)
    assert client.get(path).status_code == 302


def test_a_retargeted_code_leads_to_the_other_card(qr: QrClient, client: FlaskClient) -> None:
    """What is printed stays as it is; where it leads changes at once."""
    code, other = qr.code(kind="dynamic"), qr.card()
    changed = qr.change(f"codes/{code['id']}", {"card_id": other["id"]}).json
    assert changed["content"] == code["content"]
    assert client.get(scan_path(code)).headers["Location"] == path_of(other)


def test_a_card_of_a_deleted_contact_is_gone(
    qr: QrClient, client: FlaskClient, visits: VisitLog
) -> None:
    """The page and the file are 410, in the look of the card, and say nothing of the contact."""
    card = qr.card()
    style = Page(client.get(path_of(card), headers={"User-Agent": PREVIEW}).text).style
    answer = client.delete(
        f"/api/v1/contacts/{card['contact_id']}", headers=qr.headers | {"If-Match": "*"}
    )
    assert answer.status_code == 204
    for path in (path_of(card), f"{path_of(card)}/card.vcf"):
        gone = client.get(path)
        assert (gone.status_code, gone.mimetype) == (410, "text/html")
        assert "This card is no longer available" in Page(gone.text).text
        assert "Anna" not in gone.text
        assert Page(gone.text).style == style
    assert visits.all() == []


@pytest.mark.parametrize("shown", [[], *([name] for name in PARTS), list(PARTS)])
def test_only_chosen_fields_are_shown_anywhere(
    qr: QrClient, client: FlaskClient, shown: list[str]
) -> None:
    """Page, contact file in both versions and static code hold the chosen parts and no others."""
    card = qr.card(FULL, fields=shown)
    code = qr.make("qr/codes", {"card_id": card["id"]})
    path = path_of(card)
    texts = {
        "page": client.get(path).text,
        "3.0": client.get(f"{path}/card.vcf").text,
        "4.0": client.get(f"{path}/card.vcf?version=4.0").text,
        "code": code["content"],
    }
    for name, text in texts.items():
        assert "Anna Žofie" in text, name
        for part, words in PARTS.items():
            for word in words:
                assert (word in text) is (part in shown), f"{name}: {word}"
        assert [word for word in NEVER if word in text] == [], name


def test_the_contact_file_is_a_vcard_of_the_wanted_version(
    qr: QrClient, client: FlaskClient
) -> None:
    """It is sent as a file with a name, 3.0 unless 4.0 is asked for; other versions are refused."""
    path = f"{path_of(qr.card())}/card.vcf"
    for query, version in (("", "3.0"), ("?version=3.0", "3.0"), ("?version=4.0", "4.0")):
        answer = client.get(f"{path}{query}")
        assert answer.content_type == "text/vcard; charset=utf-8"
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="contact.vcf"; '
            "filename*=UTF-8''Anna%20%C5%BDofie%20%E5%B1%B1%E7%94%B0.vcf"
        )
        assert answer.text.split("\r\n")[:2] == ["BEGIN:VCARD", f"VERSION:{version}"]
    assert client.get(f"{path}?version=2.1").status_code == 400


@pytest.mark.parametrize(("letters", "kept"), [(80, 80), (81, 80)])
def test_the_name_of_a_contact_file_is_cut(
    qr: QrClient, client: FlaskClient, letters: int, kept: int
) -> None:
    """Of a long name the first 80 characters are the file's; some systems take no more."""
    card = qr.card({"name": {"full": "é" * letters}})
    header = client.get(f"{path_of(card)}/card.vcf").headers["Content-Disposition"]
    assert header.endswith(f"filename*=UTF-8''{'%C3%A9' * kept}.vcf")


def test_the_page_shows_the_contact_as_it_is_now(qr: QrClient, client: FlaskClient) -> None:
    """A changed contact is seen at once, under the same address."""
    card = qr.card()
    client.patch(
        f"/api/v1/contacts/{card['contact_id']}",
        json={"title": "Professor"},
        headers=qr.headers | {"If-Match": "*"},
    )
    assert "Professor" in Page(client.get(path_of(card)).text).text


def test_the_page_can_do_nothing_and_loads_nothing(qr: QrClient, client: FlaskClient) -> None:
    """No script, no reference to elsewhere; the policy allows the page's own style sheet alone."""
    answer = client.get(path_of(qr.card(FULL)))
    page = Page(answer.text)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) <= 30_000
    forbidden = {"script", "link", "img", "iframe", "object", "embed", "base", "use"}
    assert forbidden.isdisjoint(tag for tag, _ in page.elements)
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert not [name for name in attributes if name.startswith("on") or name in {"style", "src"}]
    assert re.search(r"url\(|@import", page.style) is None


def test_the_page_is_accessible_and_previewed(qr: QrClient, client: FlaskClient) -> None:
    """One heading, landmarks, named sections, a language; previews get name, kind and address."""
    card = qr.card(FULL)
    page = Page(client.get(path_of(card)).text)
    assert [page.count(tag) for tag in ("h1", "main", "header", "nav")] == [1, 1, 1, 1]
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    named = [attrs.get("aria-labelledby") for tag, attrs in page.elements if tag == "section"]
    assert len(named) == 4
    assert set(named) <= ids
    assert ("html", {"lang": "en"}) in page.elements
    meta = page.meta()
    assert meta["og:title"] == "Anna Žofie 山田"
    assert (meta["og:type"], meta["og:url"]) == ("profile", card["page_url"])
    assert meta["robots"] == "noindex"
    assert {
        f"{path_of(card)}/card.vcf",
        "mailto:anna@example.org",
        "https://example.org/",
        "https://www.openstreetmap.org/search?query=Storgatan%201%2C%20Ume%C3%A5%2C%20Sverige",
    } <= set(page.links)
    assert any(re.fullmatch(r"tel:\+442079460018", link) for link in page.links)


@pytest.mark.parametrize("written", ["www.example.org", "Example.org/a?b", "a-b.co.example#c"])
def test_web_address_without_a_scheme_can_be_followed(written: str) -> None:
    """Address books have them as people write them; the text stays."""
    page = Page(shown(ContactDraft(name=Name(full="A"), links=(Link(url=written),))))
    assert f"https://{written}" in page.links
    assert written in page.text


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("mailto:a@example.org", True),
        ("tel:+4420", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("https:javascript:alert(1)", False),
        ("https://example.org/\njavascript:alert(1)", False),
        ("vbscript:x", False),
        ("example", False),
        ("a.js:alert(1)", False),
        ("//example.org", False),
        ("", False),
    ],
)
def test_only_harmless_links_can_be_followed(url: str, followed: bool) -> None:
    """A link of another scheme is shown as text."""
    assert (safe_address(url) is not None) is followed
    page = Page(shown(ContactDraft(name=Name(full="A"), links=(Link(url=url),))))
    assert (url.strip() in page.links) is followed
    assert " ".join(url.split()) in " ".join(page.text.split())


def shown(contact: ContactDraft) -> str:
    """Return the page of a card of a contact."""
    card = PublicCard(
        card_id=UUID(int=1),
        slug="0123456789a",
        page_url="https://cards.example/p/0123456789a",
        contact=contact,
    )
    return card_page(card, ExchangeForm(token="token"))


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "</title><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='alert(1)",
            "</style><style>*{display:none}",
            "<!-- ",
            "]]>",
            "{{ 7 * 7 }}",
            "&lt;b&gt;",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
        str.strip
    ),
)
CONTACTS = st.builds(
    ContactDraft,
    name=st.builds(Name, full=HOSTILE),
    organisation=HOSTILE,
    title=HOSTILE,
    phones=st.lists(st.builds(Phone, number=HOSTILE, label=HOSTILE), max_size=1).map(tuple),
    emails=st.lists(st.builds(Email, address=HOSTILE), max_size=1).map(tuple),
    links=st.lists(st.builds(Link, url=HOSTILE, label=HOSTILE), max_size=1).map(tuple),
    addresses=st.lists(st.builds(Address, street=HOSTILE, country=HOSTILE), max_size=1).map(tuple),
)
PLAIN = ContactDraft(
    name=Name(full="A B"),
    organisation="A",
    title="A",
    phones=(Phone(number="1"),),
    emails=(Email(address="a"),),
    links=(Link(url="https://a"),),
    addresses=(Address(street="A"),),
)


@given(CONTACTS)
@settings(max_examples=300, deadline=None)
def test_no_field_can_inject_markup(contact: ContactDraft) -> None:
    """Whatever a contact holds stands in the page as text, and adds no element or attribute."""
    page = Page(shown(contact))
    text = " ".join(page.text.split())
    values = [contact.name.full, contact.organisation, contact.title]
    values += [item.number for item in contact.phones] + [item.url for item in contact.links]
    values += [item.street for item in contact.addresses]
    for value in values:
        assert " ".join((value or "").split()) in text
    skeleton = Page(shown(PLAIN))
    known = {(tag, *sorted(attrs)) for tag, attrs in skeleton.elements} | {("span",), ("small",)}
    assert {(tag, *sorted(attrs)) for tag, attrs in page.elements} <= known
    assert page.style == skeleton.style
    schemes = ("https://", "http://", "mailto:", "tel:", "/p/")
    assert all(link.lower().startswith(schemes) for link in page.links)


def test_every_field_has_words_in_these_tests() -> None:
    """A field that is added to cards is tested to be hidden as well."""
    assert set(PARTS) == {field.value for field in CardField}


def test_pages_of_two_workspaces_stay_apart(
    qr: QrClient, client: FlaskClient, other_workspace: WorkspaceUnderTest
) -> None:
    """One after the other, each page shows its own workspace's contact."""
    other = QrClient(client, other_workspace.headers)
    cards: list[tuple[Json, Any]] = [
        (qr.card(), "Anna Žofie 山田"),
        (other.card({"name": {"full": "Bo"}}), "Bo"),
    ]
    for card, name in cards * 2:
        assert Page(client.get(path_of(card)).text).meta()["og:title"] == name
