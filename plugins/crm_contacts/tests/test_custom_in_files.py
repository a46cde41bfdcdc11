"""Custom values in files of contacts: written, read, and kept where nobody knows their fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.card_custom import with_custom
from crm_contacts.card_forms import JCARD, JSCONTACT, VCARD_3, VCARD_4, CardForm
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import ContactDraft, Name
from crm_contacts.json_cards import read_json_contact
from crm_contacts.vcard import read_card
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, vcard
from .custom_strategies import CUSTOM_VALUES, FIELDS
from .test_custom_fields import FieldClient, make_all
from .test_exports import exported

VALUES: dict[str, Any] = {
    "a_text": "=two\nlines; and, a comma",
    "a_number": -7.5,
    "a_date": "2026-02-28",
    "a_boolean": False,
    "a_url": "https://example.org/a,b;c?d=e",
    "a_choice": "Gold",
}
MEDIA_TYPES = {
    "contacts-vcard": "text/vcard",
    "contacts-vcard3": "text/vcard",
    "contacts-jcard": "application/vcard+json",
    "contacts-jscontact": "application/jscontact+json",
    "contacts-csv": "text/csv",
    "contacts-ndjson": "application/x-ndjson",
}
UID = "urn:uuid:00000000-0000-4000-8000-000000000007"


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_values_come_along_to_another_workspace(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest, name: str
) -> None:
    """Every type in every format; the same again changes nothing."""
    make_all(FieldClient(contacts))
    contacts.create({"name": {"full": "Anna Ek"}, "uid": UID, "tags": ["vip"], "custom": VALUES})
    contacts.create({"name": {"full": "Bo Ek"}})
    written = exported(contacts, name)
    there = contacts.of(other_workspace)
    make_all(FieldClient(there))
    found = there.upload(written, MEDIA_TYPES[name])
    assert (found["counts"]["created"], found.get("unmapped_columns", [])) == (2, [])
    assert [row.get("reason") for row in found["results"]] == [None, None]
    anna, bo = there.all()
    assert (anna["custom"], anna["tags"], anna["raw"]) == (VALUES, ["vip"], [])
    assert (bo["custom"], bo["raw"]) == ({}, [])
    assert there.upload(written, MEDIA_TYPES[name])["counts"]["unchanged"] == 2


@pytest.mark.parametrize("name", [name for name in MEDIA_TYPES if name != "contacts-csv"])
def test_values_of_unknown_fields_stay_and_are_written_again(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest, name: str
) -> None:
    """They are no less than they were, and are values once the field is there."""
    FieldClient(contacts).make("a_number", "number")
    contacts.create({"name": {"full": "Anna Ek"}, "uid": UID, "custom": {"a_number": 41}})
    written = exported(contacts, name)
    there = contacts.of(other_workspace)
    there.upload(written, MEDIA_TYPES[name])
    (anna,) = there.all()
    assert anna["custom"] == {}
    assert [(item["name"], item["value"]) for item in anna["raw"]] == [
        ("X-MEISHI-CUSTOM-A-NUMBER", "41")
    ]
    again = exported(there, "contacts-vcard")
    FieldClient(there).make("a_number", "number")
    assert there.upload(again)["counts"]["updated"] == 1
    assert there.all()[0]["custom"] == {"a_number": 41}
    assert exported(there, "contacts-vcard").count(b"X-MEISHI-CUSTOM") == 1


def test_a_column_whose_field_is_missing_is_told_and_offered(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Its values are kept, and a field of the same title is proposed for them."""
    FieldClient(contacts).make("score", "number")
    contacts.create({"name": {"full": "Anna Ek"}, "custom": {"score": 41}})
    written = exported(contacts, "contacts-csv")
    there = contacts.of(other_workspace)
    field = {"key": "points", "title": "Score", "type": "number"}
    assert FieldClient(there).send("POST", "", json=field).status_code == 201
    found = there.send(written, "text/csv")
    assert found["unmapped_columns"] == ["Score (custom.score)"]
    columns = there.client.get(
        f"/api/v1/contacts/imports/{found['id']}/columns", headers=there.headers
    )
    assert columns.json is not None
    last = columns.json["items"][-1]
    assert (last["proposed"]["field"], last["proposed"]["key"]) == ("custom", "points")


CARDS: list[tuple[str, Callable[[str], str]]] = [
    ("text/vcard", lambda value: vcard("FN:Anna", "NOTE:x", f"X-MEISHI-CUSTOM-SCORE:{value}")),
    (
        "application/x-ndjson",
        lambda value: (
            f'{{"name": {{"full": "Anna"}}, "note": "x", "custom": {{"score": "{value}"}}}}'
        ),
    ),
    ("text/csv", lambda value: f"Name,Notes,Score (custom.score)\nAnna,x,{value}\n"),
]


@pytest.mark.parametrize(("media_type", "write"), CARDS, ids=[item[0] for item in CARDS])
def test_a_value_of_another_type_is_told_and_the_rest_comes_in(
    contacts: ContactsClient, media_type: str, write: Callable[[str], str]
) -> None:
    """Nothing is lost for a wrong value: it is a raw property, and the row says so."""
    FieldClient(contacts).make("score", "number")
    found = contacts.upload(write("high"), media_type)
    assert found["counts"]["created"] == 1
    assert "A number" in found["results"][0]["reason"]
    assert "raw property" in found["results"][0]["reason"]
    (anna,) = contacts.all()
    assert (anna["note"], anna["custom"]) == ("x", {})
    assert [item["value"] for item in anna["raw"]] == ["high"]


def test_what_says_more_than_a_value_is_none(contacts: ContactsClient) -> None:
    """A second value, and one with parameters of others, are kept as they are."""
    FieldClient(contacts).make("score", "number")
    lines = ["X-MEISHI-CUSTOM-SCORE:1", "X-MEISHI-CUSTOM-SCORE:2", "X-MEISHI-CUSTOM-SCORE;X-A=b:1"]
    contacts.upload(vcard("FN:Anna", *lines))
    (anna,) = contacts.all()
    assert anna["custom"] == {"score": 1}
    assert [item["value"] for item in anna["raw"]] == ["2", "1"]


@settings(deadline=None)
@given(CUSTOM_VALUES, st.sampled_from([VCARD_3, VCARD_4, JCARD, JSCONTACT]))
def test_any_value_comes_back_from_a_card(
    custom: tuple[tuple[str, bool | int | float | str], ...], form: CardForm
) -> None:
    """Whatever values there are, they are read as they were written, and nothing besides."""
    draft = ContactDraft(name=Name(full="Anna"), uid=UID, custom=custom)
    content = form.write(draft)
    if form in {VCARD_3, VCARD_4}:
        found = with_custom(draft_from_card(read_card(content)), FIELDS)
    else:
        found = read_json_contact(content, FIELDS)
    assert found == (draft, None)
    unknown, problem = with_custom(draft_from_card(read_card(VCARD_4.write(draft))), {})
    assert (unknown.custom, problem, len(unknown.raw)) == ((), None, len(custom))
    assert VCARD_4.write(replace(unknown, custom=custom)) == VCARD_4.write(draft)
