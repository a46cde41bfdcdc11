"""What of its card no field of a contact takes, on the contact's page."""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape
from typing import Any

from meishi.testing.browsing import Browser

from .conftest import CONTACTS, ContactsClient
from .pictures import picture
from .test_pages import NASTY

TITLE = "More from the card"


def shown(signed_in: Browser, contact: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the panel of a contact's page says: names, and all that is said of each."""
    page = signed_in.get(f"/contacts/{contact['id']}").text
    if TITLE not in page:
        return []
    panel = page.partition('aria-labelledby="card-properties"')[2].partition("</section>")[0]
    found = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", panel, re.DOTALL)
    plain = [[unescape(re.sub(r"<[^>]*>", "", part)) for part in pair] for pair in found]
    return [(" ".join(name.split()), " ".join(said.split())) for name, said in plain]


def raw(name: str, value: str, group: str | None = None, **parameters: list[str]) -> dict[str, Any]:
    """Return a property as a contact's document has it."""
    return {"name": name, "value": value, "group": group, "parameters": parameters}


def test_what_no_field_takes_is_shown(signed_in: Browser, contacts: ContactsClient) -> None:
    """With its types and its label, unescaped for people and escaped for browsers."""
    anna = contacts.create({
        "name": {"full": "Anna"},
        "raw": [
            raw("X-SKYPE", r"anna\, or\nannika", TYPE=["WORK", "pref"]),
            raw("X-ABRELATEDNAMES", "Bo", "item1"),
            raw("X-ABLABEL", "_$!<Spouse>!$_", "item1"),
            raw("X-NASTY", NASTY, LABEL=["<i>"]),
            raw("X-EMPTY", ";;"),
        ],
    })  # fmt: skip
    assert shown(signed_in, anna) == [
        ("X-SKYPE work pref", "anna, or annika"),
        ("X-ABRELATEDNAMES Spouse", "Bo"),
        ("X-NASTY <i>", NASTY),
    ]
    page = signed_in.get(f"/contacts/{anna['id']}").text
    assert ("<script>alert" in page, "<i>" in page) == (False, False)
    assert TITLE not in signed_in.get(f"/contacts/{contacts.create(plain('Bo'))['id']}").text


def test_columns_are_named_as_in_their_table(signed_in: Browser, contacts: ContactsClient) -> None:
    """What a table says and no field takes is found by its heading."""
    contacts.upload("Name,Email,Shoe size\r\nAda,ada@x.example,39\r\n", "text/csv")
    (ada,) = contacts.all()
    assert shown(signed_in, ada) == [("Shoe size", "39")]


def test_what_a_merge_could_not_keep_in_a_field_is_shown(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Of two titles, one stays in the field; the other one is not lost."""
    kept = contacts.create(plain("Anna") | {"title": "Architect"})
    other = contacts.create(plain("Anna") | {"title": "Chef"})
    merged = contacts.client.post(
        f"{CONTACTS}/{kept['id']}/merge",
        json={"merged_ids": [other["id"]]},
        headers=contacts.headers,
    )
    assert merged.status_code == 200, merged.text
    assert ("TITLE", "Chef") in shown(signed_in, kept)


def test_addresses_lead_on_and_files_are_named(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """No script becomes a link, no picture is fetched, and nobody reads base64."""
    file = b64encode(picture() + bytes(5_000)).decode()
    kilobytes = f"{round(len(file) * 3 / 4 / 1000)} kB, not shown"
    anna = contacts.create({
        "name": {"full": "Anna"},
        "raw": [
            raw("X-HOME", "https://anna.example/?a=1&b=2"),
            raw("X-BAD", "javascript:alert(1)"),
            raw("PHOTO", "https://anna.example/face.jpg"),
            raw("PHOTO", "file:///face.jpg"),
            raw("KEY", file, ENCODING=["b"]),
            raw("LOGO", f"data:image/jpeg;base64,{file}"),
            raw("X-BLOB", file),
            raw("X-LONG", "word " * 1_000),
        ],
    })  # fmt: skip
    said = shown(signed_in, anna)
    assert said[:7] == [
        ("X-HOME", "https://anna.example/?a=1&b=2"),
        ("X-BAD", "javascript:alert(1)"),
        ("PHOTO", "https://anna.example/face.jpg"),
        ("PHOTO", "1 kB, not shown"),
        ("KEY", kilobytes),
        ("LOGO", kilobytes),
        ("X-BLOB", kilobytes),
    ]
    assert said[7][1].startswith("word word")
    assert len(said[7][1]) < 1_100
    page = signed_in.get(f"/contacts/{anna['id']}").text
    for address in ("https://anna.example/?a=1&amp;b=2", "https://anna.example/face.jpg"):
        assert f'href="{address}" rel="noopener noreferrer nofollow"' in page
    assert 'href="javascript' not in page
    assert '<img src="https' not in page


def test_a_page_shows_some_and_counts_the_rest(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """However much a card says, the page is no longer for it."""
    many = [raw(f"X-P{number}", f"value {number}") for number in range(45)]
    anna = contacts.create(plain("Anna") | {"raw": many})
    assert len(shown(signed_in, anna)) == 40
    assert "And 5 more." in signed_in.get(f"/contacts/{anna['id']}").text


def plain(full: str) -> dict[str, Any]:
    """Return a contact with a name."""
    return {"name": {"full": full}}
