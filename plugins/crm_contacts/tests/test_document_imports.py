"""Contacts as the web API shows them, read back: an export of JSON lines, and what people write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_contacts.contact_documents import WITH_PARAMETERS

from .conftest import CONTACTS, ContactsClient

LINES = "application/x-ndjson"

#: A contact with something in each field.
ADA: dict[str, Any] = {
    "name": {"full": "Dr. Ada Lovelace", "given": "Ada", "family": "Lovelace", "prefix": "Dr."},
    "kind": "individual",
    "nicknames": ["A, L", "Countess"],
    "organisation": "Engines & Co",
    "units": ["R; D"],
    "title": "Analyst",
    "role": "Author",
    "birthday": "--12-10",
    "note": "One\nTwo",
    "emails": [
        {"address": "ada@example.org", "types": ["work"], "primary": True, "verified": True}
    ],
    "phones": [{"number": "+44 20 7946 0000", "label": "Desk", "parameters": {"X-A": ["b", "c"]}}],
    "addresses": [{"street": "1 High St", "locality": "London"}, {"country": "Sweden"}],
    "links": [{"url": "https://example.org/ada"}],
    "positions": [{"organisation": "Old", "start_date": "1840", "end_date": "1841-02"}],
    "tags": ["Fair, 2026", "vip"],
    "raw": [{"name": "X-FOO", "value": "a\\,b", "group": "item1", "parameters": {"T": ["x"]}}],
}


def _said(contact: dict[str, Any]) -> dict[str, Any]:
    return {name: contact[name] for name in (*ADA, "uid", "custom")}


def _lines(contacts: ContactsClient) -> bytes:
    with contacts.client.get(
        "/api/v1/exports/contacts-ndjson", headers=contacts.headers, buffered=True
    ) as answer:
        assert answer.status_code == 200
        content: bytes = answer.data
        return content


def _field(contacts: ContactsClient, **field: Any) -> None:
    answer = contacts.client.post(f"{CONTACTS}/custom-fields", json=field, headers=contacts.headers)
    assert answer.status_code == 201, answer.text


def _delete_all(contacts: ContactsClient) -> None:
    for contact in contacts.all():
        answer = contacts.client.delete(
            f"{CONTACTS}/{contact['id']}", headers=contacts.headers | {"If-Match": "*"}
        )
        assert answer.status_code == 204


@pytest.mark.parametrize("media_type", [LINES, "application/json"])
def test_an_export_of_lines_comes_back_as_it_was(contacts: ContactsClient, media_type: str) -> None:
    """All that a contact says is there again, its custom values too; the same again is known."""
    _field(contacts, key="score", title="Score", type="number")
    contacts.create(ADA | {"custom": {"score": 7.5}})
    contacts.create({"name": {"full": "Bo Ek"}, "uid": "urn:uuid:bo"})
    before, content = list(map(_said, contacts.all())), _lines(contacts)
    _delete_all(contacts)
    found = contacts.upload(content, media_type)
    assert (found["format"], found["counts"]["created"]) == ("ndjson", 2)
    assert list(map(_said, contacts.all())) == before
    assert contacts.upload(content, media_type)["counts"]["unchanged"] == 2


def test_values_of_fields_that_there_are_not_are_kept(contacts: ContactsClient) -> None:
    """They become raw properties, as in a card that says them, where one finds them later."""
    contacts.upload('{"name": {"full": "Ada"}, "custom": {"shoe_size": 41}}', LINES)
    (ada,) = contacts.all()
    assert ada["custom"] == {}
    assert [(item["name"], item["value"]) for item in ada["raw"]] == [
        ("X-MEISHI-CUSTOM-SHOE-SIZE", "41")
    ]


def test_what_little_is_said_is_read_as_it_is_meant(contacts: ContactsClient) -> None:
    """Parts of a name alone are ours, and the first line decides about no other."""
    _field(contacts, key="score", title="Score", type="number")
    first = '{"name": {"full": "Bo"}}'
    second = '{"name": {"full": "Ada L", "given": "Ada"}}'
    contacts.upload(
        f'{first}\n{second}\n{{"name": {{"full": "Cy"}}, "custom": {{"score": 1}}}}', LINES
    )
    found = {item["name"]["full"]: item for item in contacts.all()}
    assert found["Ada L"]["name"]["given"] == "Ada"
    assert found["Cy"]["custom"] == {"score": 1}
    assert [item["raw"] for item in found.values()] == [[], [], []]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"emails": [{"address": "a@b.example"}]}, "missing required field `name`"),
        ({"name": "Ada", "note": "x"}, "Expected `object`, got `str` - at `$.name`"),
        ({"name": {"full": "Ada"}, "emails": ["a@b.example"]}, "at `$.emails[0]`"),
        ({"name": {"full": "Ada"}, "note": "x", "shoe": 41}, "no member `shoe`"),
        ({"name": {"full": "Ada"}, "emails": [{"address": "a@b.c", "x": 1}]}, "`emails.x`"),
        ({"name": {"full": "Ada"}, "custom": {"score": [1]}}, "not a contact"),
        ({"name": {"full": " "}, "note": "x"}, "/name/full"),
    ],
)
def test_what_is_no_contact_is_rejected(
    contacts: ContactsClient, document: dict[str, Any], reason: str
) -> None:
    """Such a line says why, hides no other, and is handed back as it was."""
    _field(contacts, key="score", title="Score", type="number")
    line = json.dumps(document)
    found = contacts.upload(f'{line}\n{{"name": {{"full": "Bo"}}, "note": "x"}}\n', LINES)
    assert (found["counts"]["rejected"], found["counts"]["created"]) == (1, 1)
    assert reason in found["results"][0]["reason"]
    assert json.loads(contacts.rejects(found["id"])) == [document]


def test_a_line_that_is_cut_off_hides_no_other(contacts: ContactsClient) -> None:
    """The next line is a contact again."""
    contacts.create({"name": {"full": "Ada"}, "note": "a"})
    contacts.create({"name": {"full": "Bo"}, "note": "b"})
    first, second = _lines(contacts).splitlines(keepends=True)
    _delete_all(contacts)
    found = contacts.upload(first[:-20] + b"\n" + second, LINES)
    assert (found["counts"]["rejected"], found["counts"]["created"]) == (1, 1)
    assert [contact["name"]["full"] for contact in contacts.all()] == ["Bo"]


def test_raw_properties_come_in_as_those_of_cards_do(contacts: ContactsClient) -> None:
    """An odd name is kept, and a line break ends no line of a card."""
    raw = [{"name": "A B", "value": "x\r\nEND:VCARD"}]
    contacts.upload(json.dumps({"name": {"full": "Ada"}, "raw": raw}), LINES)
    (ada,) = contacts.all()
    assert [(item["name"], item["value"]) for item in ada["raw"]] == [("A B", "x\\nEND:VCARD")]


def test_a_card_without_a_type_is_still_one_of_jscontact(contacts: ContactsClient) -> None:
    """What JSContact has as objects is none of ours."""
    card = {"name": {"full": "Ada"}, "emails": {"e": {"address": "ada@example.org"}}}
    assert contacts.upload(json.dumps(card), "application/json")["format"] == "jscontact"
    (ada,) = contacts.all()
    assert ada["emails"][0]["address"] == "ada@example.org"
    assert not any(ada[name] for name in WITH_PARAMETERS if name != "emails")


@pytest.mark.parametrize(
    "beside",
    [
        {"id": "01939d2c-5f6e-7a1b-8c3d-4e5f60718293", "version": 3},
        {"created_at": "2026-01-31T12:00:00Z", "owner_id": None, "uid": "urn:x:bo"},
        {"visibility": "private", "extensions": {}, "kind": "org"},
    ],
)
def test_what_is_not_taken_over_is_not_kept_either(
    contacts: ContactsClient, beside: dict[str, Any]
) -> None:
    """However little else a line says, it is a contact of ours, of which nothing is left over."""
    found = contacts.upload(json.dumps(beside | {"name": {"full": "Bo"}}), LINES)
    assert (found["format"], found["counts"]["created"]) == ("ndjson", 1)
    (bo,) = contacts.all()
    assert (bo["raw"], bo["name"]["full"]) == ([], "Bo")


@pytest.mark.parametrize("other", [{"emails": {}}, {"organizations": {"o": {"name": "Ek AB"}}}])
def test_a_card_of_jscontact_with_an_id_is_none_of_ours(
    contacts: ContactsClient, other: dict[str, Any]
) -> None:
    """JMAP gives cards an id; whatever else is written as JSContact has it stays one."""
    card = {"id": "c1", "name": {"full": "Bo"}} | other
    assert contacts.upload(json.dumps(card), "application/json")["format"] == "jscontact"


@pytest.mark.parametrize("wrong", [{"x" * 20_000: 1}, {"kind": "x" * 20_000}])
def test_a_reason_repeats_little_of_what_was_written(
    contacts: ContactsClient, wrong: dict[str, Any]
) -> None:
    """Whoever reads why lines were rejected does not get whole files."""
    found = contacts.upload(json.dumps({"name": {"full": "Bo"}, "note": "x"} | wrong), LINES)
    assert found["counts"]["rejected"] == 1
    assert len(found["results"][0]["reason"]) < 300
