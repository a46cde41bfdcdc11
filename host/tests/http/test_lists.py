"""Lists: what their queries may say, and the links from page to page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import ValidationError, fields
from werkzeug.test import TestResponse

from meishi.http.lists import Filter, list_query_schema
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey
from meishi.testing.fixtures import WorkspaceUnderTest

#: A list with filters, sorts and a search.
CONTACTS = "/api/v1/contacts"

ThingQuerySchema = list_query_schema(
    "ThingQuerySchema",
    filters={
        "name": Filter(fields.String, (Operator.EQ, Operator.PREFIX)),
        "made_at": Filter(fields.AwareDateTime(format="iso"), (Operator.LT,)),
        "broken": Filter(fields.Boolean),
        "size": Filter(fields.Integer, (Operator.GTE,)),
    },
    sorts=("name", "size", "made_at", "colour"),
    searched="Names.",
    families={"own": (Operator.EQ, Operator.GTE)},
)


def load(**query: str) -> ListQuery:
    """Return what a query asks for."""
    found = ThingQuerySchema().load(query)
    assert isinstance(found, ListQuery)
    return found


def wrong(**query: str) -> set[str]:
    """Return the parameters of a query that are refused."""
    with pytest.raises(ValidationError) as caught:
        ThingQuerySchema().load(query)
    assert isinstance(caught.value.messages, dict)
    return set(caught.value.messages)


def test_query_becomes_conditions_and_sorts() -> None:
    """Values are checked by their fields and handed on as text, in the order of the schema."""
    asked = load(
        **{
            "filter[name][prefix]": "a",
            "filter[broken][eq]": "true",
            "filter[size][gte]": "07",
            "filter[made_at][lt]": "2026-01-01T00:00:00+09:00",
            "sort": "-size, name",
            "q": "blue",
            "limit": "7",
            "total": "true",
        }
    )
    assert set(asked.conditions) == {
        Condition(field="name", operator=Operator.PREFIX, value="a"),
        Condition(field="broken", operator=Operator.EQ, value="true"),
        Condition(field="size", operator=Operator.GTE, value="7"),
        Condition(field="made_at", operator=Operator.LT, value="2026-01-01T00:00:00+09:00"),
    }
    assert asked.sort == (SortKey(field="size", descending=True), SortKey(field="name"))
    assert (asked.text, asked.limit, asked.with_total, asked.after) == ("blue", 7, True, None)
    assert load() == ListQuery()


WRONG = [
    ("filter[name][lt]", "a"),
    ("filter[colour][eq]", "red"),
    ("filter[size][gte]", "big"),
    ("filter[broken][eq]", "perhaps"),
    ("filter[made_at][lt]", "2026-01-01"),
    ("filter[made_at][lt]", "2026-01-01T00:00:00"),
    ("filter", "a"),
    ("sort", "weight"),
    ("sort", ""),
    ("sort", "name,"),
    ("sort", "--name"),
    ("sort", "name,-name"),
    ("sort", "name,size,made_at,colour"),
    ("q", ""),
    ("q", "a" * 201),
    ("limit", "0"),
    ("limit", "201"),
    ("limit", "-1"),
    ("limit", "many"),
    ("total", "perhaps"),
]


@pytest.mark.parametrize(("parameter", "value"), WRONG)
def test_what_is_wrong_is_named(parameter: str, value: str) -> None:
    """A refusal is about the parameter that is wrong, and about no other."""
    assert wrong(**{parameter: value}) == {parameter}


def test_fields_of_a_family_are_read_by_their_names() -> None:
    """What only the data knows by name is handed on as it stands, behind the declared filters."""
    asked = load(
        **{
            "filter[own.score][gte]": "5",
            "filter[name][eq]": "a",
            "filter[own.a-b_2][eq]": "x",
            "sort": "-own.score,name",
        }
    )
    assert asked.conditions == (
        Condition(field="name", operator=Operator.EQ, value="a"),
        Condition(field="own.score", operator=Operator.GTE, value="5"),
        Condition(field="own.a-b_2", operator=Operator.EQ, value="x"),
    )
    assert asked.sort == (SortKey(field="own.score", descending=True), SortKey(field="name"))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("filter[own.score][lt]", "5"),
        ("filter[own.score][eq]", ""),
        ("filter[own.score][eq]", "x" * 4_001),
        ("filter[own.Score][eq]", "5"),
        ("filter[own.][eq]", "5"),
        ("filter[others.score][eq]", "5"),
        ("sort", "others.score"),
        ("sort", "own."),
        ("sort", "own"),
    ],
    ids=range(9),
)
def test_what_no_family_has_is_named(parameter: str, value: str) -> None:
    """Other operators, names and families are refused where they stand, and empty values."""
    assert wrong(**{parameter: value}) == {parameter}


def test_earliest_and_latest_times_are_times() -> None:
    """An offset does not push a time out of the calendar."""
    for written in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        (condition,) = load(**{"filter[made_at][lt]": written}).conditions
        assert condition.value == written


@pytest.fixture
def contacts(client: FlaskClient, workspace: WorkspaceUnderTest) -> Any:
    """Ask the list of contacts, of which there are three."""
    for name in ("a & b", "b", "c"):
        client.post(CONTACTS, json={"name": {"full": name}}, headers=workspace.headers)

    def ask(url: str) -> TestResponse:
        return client.get(url, headers=workspace.headers)

    return ask


@pytest.mark.parametrize("limit", ["%201", "1_0", "%D9%A3", "%2B1", "1.0", ""])
def test_numbers_are_digits(contacts: Any, limit: str) -> None:
    """Blanks, underscores and the digits of other scripts make no number, as in JSON."""
    answer = contacts(f"{CONTACTS}?limit={limit}")
    assert answer.status_code == 400
    assert [item["pointer"] for item in answer.json["errors"]] == ["/query/limit"]


def links_of(answer: TestResponse) -> dict[str, str]:
    """Return the addresses in the header `Link`, by their relations."""
    return {
        relation: address
        for address, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"])
    }


def test_link_leads_to_the_next_page(contacts: Any) -> None:
    """Following `Link` (RFC 8288) shows every item once; the last page leads to no other."""
    seen, url = [], f"{CONTACTS}?limit=1&sort=-name&filter[name][prefix]=&total=true"
    while url:
        answer = contacts(url)
        seen += [item["name"]["full"] for item in answer.json["items"]]
        assert answer.json["total"] == 3
        links = links_of(answer)
        assert ("next" in links) == bool(answer.json["next_after"])
        url = links.get("next", "")
    assert seen == ["c", "b", "a & b"]


def test_link_leads_to_the_first_page(contacts: Any) -> None:
    """From every page, with all else that the query says."""
    first = contacts(f"{CONTACTS}?limit=1&sort=-name&total=true")
    second = contacts(links_of(first)["next"])
    last = contacts(links_of(second)["next"])
    for page in (first, second, last):
        assert contacts(links_of(page)["first"]).json == first.json
    assert links_of(contacts(CONTACTS)) == {"first": CONTACTS}


def test_values_in_links_are_quoted(
    contacts: Any, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """A filter's value comes back from a link as it was, whatever it means in URLs."""
    for name in ("å&+#1", "å&+#2"):
        client.post(CONTACTS, json={"name": {"full": name}}, headers=workspace.headers)
    first = contacts(f"{CONTACTS}?limit=1&filter[name][prefix]=%C3%A5%26%2B%23")
    second = contacts(links_of(first)["next"])
    assert [item["name"]["full"] for item in second.json["items"]] == ["å&+#2"]
    assert second.json["next_after"] is None


PROBLEMS = [
    ("limt=3", "/query/limt", "Did you mean `limit`?"),
    ("filter[nam][eq]=a", "/query/filter[nam][eq]", "Did you mean `filter[name][eq]`?"),
    ("limit=1&limit=2", "/query/limit", "Given more than once."),
    ("sort=name&sort=-name", "/query/sort", "Given more than once."),
    ("sort=name,-name", "/query/sort", "Name each field once."),
    ("filter[deleted][eq]=yes", "/query/filter[deleted][eq]", "Not a valid boolean."),
]


@pytest.mark.parametrize(("query", "pointer", "message"), PROBLEMS)
def test_refused_query_is_400_with_a_pointer(
    contacts: Any, query: str, pointer: str, message: str
) -> None:
    """Nothing is dropped in silence: the answer names the parameter, and the likely one."""
    answer = contacts(f"{CONTACTS}?{query}")
    assert answer.status_code == 400
    (error,) = answer.json["errors"]
    assert error["pointer"] == pointer
    assert message in error["message"]
