"""Custom fields: their values on contacts, in filters and sorts, and what becomes of them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from crm_contacts.contract import ContactUpdated
from crm_contacts.custom_values import key_of
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

from .conftest import CONTACTS, ContactsClient, vcard

FIELDS = f"{CONTACTS}/custom-fields"


class FieldClient:
    """The custom fields of one workspace over HTTP."""

    def __init__(self, contacts: ContactsClient) -> None:
        self.contacts = contacts

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request below the address of custom fields."""
        headers = self.contacts.headers | request.pop("headers", {})
        return self.contacts.client.open(
            f"{FIELDS}{path}", method=method, headers=headers, **request
        )

    def make(self, key: str, kind: str, *choices: str) -> dict[str, Any]:
        """Make a field, and return it."""
        document = {"key": key, "title": key.title(), "type": kind, "choices": list(choices)}
        answer = self.send("POST", "", json=document)
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def change(self, field: dict[str, Any], **changes: Any) -> TestResponse:
        """Change a field, whatever version it has."""
        headers = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
        return self.send("PATCH", f"/{field['id']}", data=json.dumps(changes), headers=headers)

    def create(self, full: str, **custom: Any) -> dict[str, Any]:
        """Create a contact with values, and return it."""
        return self.contacts.create({"name": {"full": full}, "custom": custom})

    def found(self, **query: Any) -> list[str]:
        """Return whom a page of the list shows."""
        return [item["name"]["full"] for item in self.contacts.page(**query)["items"]]

    def refused(self, query: dict[str, Any]) -> str:
        """Return what is said of a query that is refused."""
        answer = self.contacts.client.get(
            CONTACTS, query_string=query, headers=self.contacts.headers
        )
        assert answer.status_code == 400, answer.text
        return answer.text


@pytest.fixture
def custom(contacts: ContactsClient) -> FieldClient:
    """The custom fields of the workspace."""
    return FieldClient(contacts)


def make_all(custom: FieldClient) -> dict[str, dict[str, Any]]:
    """Make a field of each type."""
    kinds = ("text", "number", "date", "boolean", "url")
    made = {kind: custom.make(f"a_{kind}", kind) for kind in kinds}
    return made | {"choice": custom.make("a_choice", "choice", "Gold", "Silver")}


VALUES = {
    "a_text": "Blå  dörr", "a_number": -2.5, "a_date": "2026-02-28", "a_boolean": True,
    "a_url": "https://Example.com/x", "a_choice": "gold",
}  # fmt: skip


def test_contacts_have_values_of_every_type(
    contacts: ContactsClient, custom: FieldClient, published_events: PublishedEvents
) -> None:
    """They are stored as typed, changed one by one, taken away by null, and chosen by `fields`."""
    make_all(custom)
    anna = custom.create("Anna", **VALUES)
    assert anna["custom"] == {**VALUES, "a_choice": "Gold"}
    contacts.patch(anna, {"custom": {"a_number": 7, "a_text": None}})
    changed = contacts.get(anna["id"])["custom"]
    assert (changed["a_number"], "a_text" in changed, len(changed)) == (7, False, 5)
    contacts.patch(anna, {"custom": {"a_number": 7.0}})
    assert contacts.get(anna["id"])["version"] == 2
    page = contacts.page(fields="custom")
    assert page["items"] == [{"id": anna["id"], "custom": changed}]
    contacts.patch(anna, {"custom": None})
    assert contacts.get(anna["id"])["custom"] == {}
    told = published_events(ContactUpdated)
    assert told == [
        ContactUpdated(contact_id=UUID(anna["id"]), fields=("custom",)) for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("a_text", 5), ("a_text", " "), ("a_text", "x" * 2_001), ("a_text", ["x"]),
        ("a_number", "5"), ("a_number", True), pytest.param("a_number", 10**400, id="huge"),
        ("a_date", "2026-02-30"), ("a_date", "20260228"), ("a_date", 20260229),
        ("a_boolean", "true"), ("a_boolean", 1), ("a_choice", "Bronze"),
        ("a_url", "javascript:alert(1)"), ("a_url", "https://"), ("a_url", "https://a b.example"),
        ("unknown", "x"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    contacts: ContactsClient, custom: FieldClient, key: str, value: Any
) -> None:
    """A value of another type is told by its field, and nothing is stored."""
    make_all(custom)
    problem = contacts.refused({"name": {"full": "Anna"}, "custom": {key: value}})
    assert problem["errors"][0]["pointer"].startswith(f"/custom/{key}"), problem
    assert contacts.all() == []


FOUND = [
    ("a_text][eq", "BLA dorr", ["One"]),
    ("a_text][prefix", "bl", ["One", "Two"]),
    ("a_number][gt", "-3", ["One", "Two", "Three"]),
    ("a_number][gte", "-2.5", ["One", "Two", "Three"]),
    ("a_number][gt", "-2.5", ["Two", "Three"]),
    ("a_number][lt", "1e2", ["One", "Two"]),
    ("a_number][lte", "100", ["One", "Two", "Three"]),
    ("a_number][eq", "9.0", ["Two"]),
    ("a_date][lt", "2026-03-01", ["One"]),
    ("a_date][gte", "2026-03-01", ["Two"]),
    ("a_boolean][eq", "true", ["One"]),
    ("a_boolean][eq", "false", ["Two"]),
    ("a_choice][eq", "GOLD", ["One"]),
    ("a_choice][in", "gold, silver", ["One", "Two"]),
    ("a_url][prefix", "HTTPS://example.com", ["One"]),
]


def test_lists_are_filtered_and_sorted_by_them(
    contacts: ContactsClient, custom: FieldClient, subtests: pytest.Subtests
) -> None:
    """Each type has its operators, numbers and dates their order, and pages follow each other."""
    make_all(custom)
    custom.create("One", **VALUES)
    two = {"a_text": "Black", "a_number": 9, "a_date": "2026-03-01", "a_boolean": False}
    custom.create("Two", **two, a_choice="silver")
    custom.create("Three", a_number=100)
    custom.create("None")
    for parameter, value, found in FOUND:
        with subtests.test(parameter=parameter, value=value):
            query = {f"filter[custom.{parameter}]": value, "total": True}
            assert custom.found(**query) == found
            assert contacts.page(**query)["total"] == len(found)
    for sort, found in (
        ("custom.a_number", ["One", "Two", "Three", "None"]),
        ("-custom.a_number", ["Three", "Two", "One", "None"]),
        ("custom.a_date,-name", ["One", "Two", "Three", "None"]),
        ("-custom.a_boolean,name", ["One", "Two", "None", "Three"]),
    ):
        for limit in (1, 2, 3, 50):
            with subtests.test(sort=sort, limit=limit):
                assert list(paged(contacts, sort=sort, limit=limit)) == found


def paged(contacts: ContactsClient, **query: Any) -> list[str]:
    """Return whom all pages of a list show."""
    page = contacts.page(**query, total=True)
    items = list(page["items"])
    while page["next_after"]:
        page = contacts.page(**query, after=page["next_after"])
        items += page["items"]
    return [item["name"]["full"] for item in items]


@pytest.mark.parametrize(
    "query",
    [
        {"filter[custom.unknown][eq]": "x"},
        {"filter[custom.a_text][gt]": "x"},
        {"filter[custom.a_text][all]": "x"},
        {"filter[custom.a_text][eq]": ""},
        {"filter[custom.a_number][eq]": "x"},
        {"filter[custom.a_date][lt]": "today"},
        {"filter[custom.a_boolean][eq]": "1"},
        {"filter[custom.A][eq]": "x"},
        {"filter[other.a_text][eq]": "x"},
        {"sort": "custom.unknown"},
        {"sort": "name,custom.a_text"},
        {"sort": "custom.a_text,custom.a_number"},
        {"sort": "custom.a_text", "q": "x"},
    ],
)
def test_queries_that_mean_nothing_are_refused(custom: FieldClient, query: dict[str, Any]) -> None:
    """Unknown fields, operators of other types and values of others are 400."""
    make_all(custom)
    assert "problem" in custom.refused(query) or "errors" in custom.refused(query)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)))
def test_keys_of_numbers_sort_as_numbers(numbers: list[float]) -> None:
    """Whatever their signs and sizes, keys in order are numbers in order."""
    assert [float(number) for number in sorted(numbers, key=key_of)] == sorted(map(float, numbers))
    for number in numbers:
        assert (key_of(number) == key_of(0)) == (number == 0)


def test_fields_are_defined_and_changed(contacts: ContactsClient, custom: FieldClient) -> None:
    """A key is that of one field; what a definition says must be sound."""
    field = custom.make("score", "number")
    assert (field["version"], field["title"], field["choices"]) == (1, "Score", [])
    again = {"key": "score", "title": "x", "type": "text"}
    assert custom.send("POST", "", json=again).status_code == 409
    for wrong in (
        {"key": "Score"}, {"key": "1"}, {"key": "x" * 41}, {"key": "ok\n"}, {"title": " "},
        {"type": "choice"}, {"type": "choice", "choices": ["a", "A"]}, {"choices": ["a"]},
        {"type": "choice", "choices": ["a,b"]}, {"type": "colour"},
    ):  # fmt: skip
        document = {"key": "other", "title": "Other", "type": "text", **wrong}
        assert custom.send("POST", "", json=document).status_code == 422, wrong
    assert (custom.change(field, title="Points").json or {})["title"] == "Points"
    assert custom.send("DELETE", f"/{field['id']}").status_code == 428


def test_a_type_changes_where_all_values_convert(
    contacts: ContactsClient, custom: FieldClient, published_events: PublishedEvents
) -> None:
    """Text that is numbers becomes numbers, and sorts as such; one that is none keeps all as is."""
    field = custom.make("score", "text")
    made = [custom.create(text, score=text) for text in ("10", "9", "x")]
    refused = custom.change(field, type="number")
    assert refused.status_code == 409
    assert made[2]["id"] in refused.text
    assert custom.found(sort="custom.score") == ["10", "9", "x"]
    assert [item["custom"]["score"] for item in contacts.all()] == ["10", "9", "x"]
    assert published_events(ContactUpdated) == []
    contacts.patch(made[2], {"custom": {"score": "1e3"}})
    assert custom.change(field, type="number").status_code == 200
    assert custom.found(sort="custom.score") == ["9", "10", "x"]
    assert contacts.get(made[2]["id"])["custom"] == {"score": 1000}
    assert len(published_events(ContactUpdated)) == 1 + 3
    back = custom.change(field, type="choice", choices=["9", "10", "1000"])
    assert back.status_code == 200, back.text
    assert custom.change(field, choices=["9", "10"]).status_code == 409


def test_a_deleted_field_takes_its_values(
    contacts: ContactsClient, custom: FieldClient, published_events: PublishedEvents
) -> None:
    """It is said before and after how many go; the contacts change with it."""
    field = custom.make("score", "number")
    anna = custom.create("Anna", score=1)
    custom.create("Bo")
    assert (custom.send("GET", f"/{field['id']}/values").json or {}) == {"values": 1}
    gone = custom.send("DELETE", f"/{field['id']}", headers={"If-Match": "*"})
    assert (gone.status_code, gone.json) == (200, {"values": 1})
    assert (contacts.get(anna["id"])["custom"], contacts.get(anna["id"])["version"]) == ({}, 2)
    assert len(published_events(ContactUpdated)) == 1


def test_values_outlive_imports_and_merges(contacts: ContactsClient, custom: FieldClient) -> None:
    """An import that adds to a contact keeps them; of a merge, both contacts' values stay."""
    custom.make("score", "number")
    custom.make("colour", "text")
    anna = contacts.create({"name": {"full": "Anna"}, "uid": "a", "custom": {"score": 1}})
    contacts.upload(vcard("FN:Anna", "UID:a", "TITLE:Chef"))
    assert contacts.get(anna["id"])["custom"] == {"score": 1}
    other = custom.create("Anna", score=2, colour="red")
    answer = contacts.client.post(
        f"{CONTACTS}/{anna['id']}/merge", json={"merged_ids": [other["id"]]},
        headers=contacts.headers,
    )  # fmt: skip
    merged = answer.json or {}
    assert merged["custom"] == {"score": 1, "colour": "red"}
    assert [(raw["name"], raw["value"]) for raw in merged["raw"]] == [("X-CUSTOM-SCORE", "2")]


def test_fields_of_another_workspace_are_not_there(
    custom: FieldClient,
    contacts: ContactsClient,
    other_workspace: WorkspaceUnderTest,
    client: FlaskClient,
) -> None:
    """Neither the field is found nor a value in it, and both may have one of the same key."""
    field = custom.make("score", "number")
    custom.create("Anna", score=1)
    others = FieldClient(contacts.of(other_workspace, client))
    assert others.send("GET", f"/{field['id']}").status_code == 404
    assert "no custom field" in others.refused({"filter[custom.score][eq]": "1"})
    assert others.make("score", "text")["key"] == "score"
    assert others.found(**{"filter[custom.score][eq]": "1"}) == []


def test_pages_define_and_fill_them(
    signed_in: Browser, contacts: ContactsClient, custom: FieldClient
) -> None:
    """A field is defined on a page, filled on a contact's, and deleted with its values."""
    page = "/contacts/custom-fields"
    assert "No custom fields yet" in signed_in.get(page).text
    new = {"title": "<b>Score", "key": "score", "type": "number"}
    assert signed_in.send(page, new).location == page
    assert signed_in.send(page, new).status_code == 409
    assert signed_in.send(page, {**new, "key": "Bad"}).status_code == 422
    signed_in.send(page, {"title": "Level", "key": "level", "type": "choice", "choices": "a\nb"})
    anna = custom.create("Anna")
    path = f"/contacts/{anna['id']}"
    assert "&lt;b&gt;Score" in signed_in.get(path).text
    filled = {"custom.score": "7.5", "custom.level": "b"}
    assert signed_in.send(f"{path}/custom", filled, page=path).location == path
    assert contacts.get(anna["id"])["custom"] == {"score": 7.5, "level": "b"}
    signed_in.send(f"{path}/custom", {"custom.score": "x"}, page=path)
    assert "A number, with a point" in signed_in.get(path).text
    signed_in.send(f"{path}/custom", {"custom.score": " "}, page=path)
    assert contacts.get(anna["id"])["custom"] == {"level": "b"}
    fields = (custom.send("GET", "").json or {})["items"]
    signed_in.send(f"{page}/{fields[1]['id']}", {"title": "Rank"}, page=page)
    assert "Rank" in signed_in.get(page).text
    signed_in.send(f"{page}/{fields[1]['id']}/delete", page=page)
    assert contacts.get(anna["id"])["custom"] == {}
