"""jCard and JSContact over HTTP: in by imports, out as a single contact's card."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_contacts.json_values import MAX_DEPTH
from crm_contacts.vcard.reading import NOTHING_USABLE

from .conftest import CONTACTS, IMPORTS, ContactsClient, vcard

JCARD = "application/vcard+json"
JSCONTACT = "application/jscontact+json"

ADA: list[Any] = [
    "vcard",
    [
        ["version", {}, "text", "4.0"],
        ["fn", {}, "text", "Ada Lovelace"],
        ["email", {"type": "work"}, "text", "ada@example.org"],
        ["x-foo", {"group": "g"}, "unknown", "a\\,b"],
    ],
]
BO: dict[str, Any] = {
    "@type": "Card",
    "version": "1.0",
    "uid": "urn:uuid:00000000-0000-4000-8000-000000000001",
    "name": {"full": "Bo Ek"},
    "phones": {"p1": {"number": "+46 70 123 45 07", "features": {"mobile": True}}},
    "speakToAs": {"grammaticalGender": "masculine"},
}


@pytest.mark.parametrize(
    ("document", "media_type", "told", "name"),
    [
        (ADA, JCARD, "jcard", "Ada Lovelace"),
        ([ADA], "application/json", "jcard", "Ada Lovelace"),
        (BO, JSCONTACT, "jscontact", "Bo Ek"),
        ([BO], JCARD, "jscontact", "Bo Ek"),
    ],
)
def test_cards_come_in_like_others(
    contacts: ContactsClient, document: Any, media_type: str, told: str, name: str
) -> None:
    """One card or a list of them is told by its content, and the same again changes nothing."""
    content = json.dumps(document)
    first = contacts.upload(content, media_type)
    assert (first["format"], first["counts"]["created"]) == (told, 1)
    (contact,) = contacts.all()
    assert contact["name"]["full"] == name
    again = contacts.upload(content, media_type)
    assert again["counts"]["unchanged"] == 1


def test_same_contact_comes_from_every_format(contacts: ContactsClient) -> None:
    """What was exported as one format is the same contact in every other."""
    contacts.upload(
        vcard("FN:Ada", "BDAY:19850412", "item1.EMAIL:a@b.example", "item1.X-ABLabel:x")
    )
    (stored,) = contacts.all()
    for accepted in ("text/vcard;version=3.0", "text/vcard", JCARD, JSCONTACT):
        answer = contacts.client.get(
            f"{CONTACTS}/{stored['id']}", headers=contacts.headers | {"Accept": accepted}
        )
        assert answer.status_code == 200
        found = contacts.upload(answer.data, accepted.partition(";")[0])
        assert found["counts"]["unchanged"] == found["counts"]["rows"] == 1, accepted


@pytest.mark.parametrize("media_type", [JCARD, JSCONTACT])
def test_rejects_are_a_list_of_cards_as_they_were(
    contacts: ContactsClient, media_type: str
) -> None:
    """Each row is accounted for, and mending what is rejected brings it in."""
    empty = json.dumps({"@type": "Card", "uid": "x"})
    nothing = '["vcard", [["version", {}, "text", "4.0"]]]'
    deep = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    broken = '{"@type": "Card", "name": {"full": "No}'
    rows = [json.dumps(ADA), empty, nothing, '{"a": 1}', deep, broken, json.dumps(BO)]
    found = contacts.upload("[\n" + ",\n".join(rows) + "\n]", media_type)
    assert [row["status"] for row in found["results"]] == ["created", *["rejected"] * 5, "created"]
    assert [row["line"] for row in found["results"]] == [*range(2, 9)]
    reasons = [row.get("reason", "") for row in found["results"]]
    assert reasons[1] == reasons[2] == NOTHING_USABLE
    assert reasons[3] == "neither a jCard nor a card of JSContact"
    assert reasons[4] == f"nested more than {MAX_DEPTH} deep"
    assert reasons[5] == "card is cut off: its last bracket is missing"
    rejects = contacts.rejects(found["id"]).decode()
    assert rejects == "[\n" + ",\n".join([*rows[1:5], f"{broken},\n"]) + "\n]\n"
    mended = rejects.replace("No},", 'No"}},')
    assert contacts.upload(mended, media_type)["counts"]["created"] == 1


def test_list_of_rejects_is_json(contacts: ContactsClient) -> None:
    """As long as the cards in it are; without any there is none."""
    found = contacts.upload(json.dumps([{"@type": "Card"}, ADA, {"@type": "Card", "x": 1}]), JCARD)
    assert json.loads(contacts.rejects(found["id"])) == [
        {"@type": "Card"},
        {"@type": "Card", "x": 1},
    ]
    assert contacts.rejects(contacts.upload(json.dumps(BO), JSCONTACT)["id"]) == b""


@pytest.mark.parametrize(
    ("content", "charset"),
    [("utf-16", "utf-16"), ("utf-8-sig", "utf-8-sig"), ("latin-1", "latin-1")],
)
def test_charset_is_no_matter(contacts: ContactsClient, content: str, charset: str) -> None:
    """JSON in what old programs wrote is read like a vCard in it."""
    card = json.dumps([BO | {"name": {"full": "Zoë"}}], ensure_ascii=False)
    assert contacts.upload(card.encode(charset), JSCONTACT)["counts"]["created"] == 1
    assert contacts.all()[0]["name"]["full"] == "Zoë"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"@type": "Card", "name": {"full": "\\ud800"}}', "not JSON"),
        ('{"@type": "Card", "name": {"full": "A"}, "x": 1e999}', "not JSON"),
        ('{"@type": "Card", "name": {"full": "A"}, "x": ' + "9" * 5000 + "}", "not JSON"),
        ('{"@type": "Card", "name": {"full": "A\nB"}}', "cut off"),
        ('{"@type": "Card", "name": {"full": "' + "x" * 10_001 + '"}}', "/name/full"),
        (
            '["vcard", [["fn", {}, "text", "A"]' + ', ["x-a", {}, "text", "b"]' * 2_001 + "]]",
            "/raw",
        ),
    ],
)
def test_what_cannot_be_stored_is_rejected_alone(
    contacts: ContactsClient, text: str, reason: str
) -> None:
    """Half characters, endless numbers, texts and lists: each has its reason."""
    found = contacts.upload(f"{text}\n{json.dumps(BO)}", JSCONTACT)
    assert [row["status"] for row in found["results"]] == ["rejected", "created"]
    assert reason in found["results"][0]["reason"]


def test_nul_is_left_out(contacts: ContactsClient) -> None:
    """PostgreSQL stores none, and no card means it."""
    card = {
        "@type": "Card",
        "name": {"full": "A\0da"},
        "x\0": "\0",
        "emails": {"e\0": {"address": "a\0@b"}},
    }
    assert contacts.upload(json.dumps(card), JSCONTACT)["counts"]["created"] == 1
    (contact,) = contacts.all()
    assert (contact["name"]["full"], contact["emails"][0]["address"]) == ("Ada", "a@b")


@pytest.mark.parametrize("content", ["", " \n", "[]", "[\n]", "no card", '"text"', "[1, 2]"])
def test_body_without_a_card_is_refused(contacts: ContactsClient, content: str) -> None:
    """Nothing is stored of it."""
    answer = contacts.client.post(
        IMPORTS, data=content, content_type=JSCONTACT, headers=contacts.headers
    )
    assert (answer.status_code, answer.json and answer.json["type"][-18:]) == (
        422,
        "empty-address-book",
    )


@pytest.mark.parametrize(
    ("accepted", "media_type", "begin"),
    [
        ("application/json", "application/json", b'{"'),
        ("*/*", "application/json", b'{"'),
        ("text/html", "application/json", b'{"'),
        ("text/vcard", "text/vcard; version=4.0; charset=utf-8", b"BEGIN:VCARD\r\nVERSION:4.0"),
        ("text/vcard; version=3.0", "text/vcard; version=3.0; charset=utf-8", b"BEGIN:VCARD"),
        ('text/vcard;version="3.0"', "text/vcard; version=3.0; charset=utf-8", b"BEGIN:VCARD"),
        ("text/vcard;version=2.1, application/json;q=0.1", "application/json", b'{"'),
        (JCARD, JCARD, b'["vcard"'),
        (f"{JSCONTACT}, */*;q=0.5", JSCONTACT, b'{"@type":"Card"'),
        (
            f"{JSCONTACT};q=0.4, text/vcard;q=0.8",
            "text/vcard; version=4.0; charset=utf-8",
            b"BEGIN",
        ),
        (f"{JSCONTACT};q=0", "application/json", b'{"'),
        ("text/vcard;q=x, ;;,", "application/json", b'{"'),
    ],
)
def test_contact_is_what_the_client_prefers(
    contacts: ContactsClient, accepted: str, media_type: str, begin: bytes
) -> None:
    """The document of the web API, or a card in any of the formats."""
    contact = contacts.create({"name": {"full": "Ada"}})
    headers = contacts.headers | {"Accept": accepted}
    answer = contacts.client.get(f"{CONTACTS}/{contact['id']}", headers=headers)
    assert (answer.status_code, answer.content_type) == (200, media_type)
    assert answer.data.startswith(begin)
    assert "Accept" in answer.headers["Vary"]


def test_card_of_nobody_is_a_problem(contacts: ContactsClient) -> None:
    """As for the document."""
    headers = contacts.headers | {"Accept": JCARD}
    answer = contacts.client.get(
        f"{CONTACTS}/00000000-0000-4000-8000-000000000000", headers=headers
    )
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
