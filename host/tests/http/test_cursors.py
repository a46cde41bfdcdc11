"""Cursors: signed, and good for the query alone that they were given for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from marshmallow import Schema
from werkzeug.test import TestResponse

from meishi.http.cursors import CursorField
from meishi.http.lists import Cursor
from meishi.sdk.contract import Condition, InvalidCursor, ListQuery, Operator, SortKey
from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS = "/api/v1/contacts"
IMPORTS = "/api/v1/contacts/imports"
QR = "/api/v1/qr"

Requested = Callable[[str], AbstractContextManager[None]]

QUERIES = st.builds(
    ListQuery,
    conditions=st.lists(
        st.builds(
            Condition,
            field=st.sampled_from(["name", "title"]),
            operator=st.sampled_from([Operator.EQ, Operator.PREFIX]),
            value=st.text(max_size=3),
        ),
        max_size=2,
        unique_by=lambda item: (item.field, item.operator),
    ).map(tuple),
    text=st.none() | st.text(min_size=1, max_size=3),
    sort=st.lists(
        st.builds(SortKey, field=st.sampled_from(["name", "title"]), descending=st.booleans()),
        max_size=2,
        unique_by=lambda item: item.field,
    ).map(tuple),
)
POSITIONS = st.lists(st.text(), max_size=4).map(tuple)
with_fixtures = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def requested(app: Flask, workspace: WorkspaceUnderTest) -> Requested:
    """Open a request for an address, and the scope in which it is answered."""

    @contextmanager
    def request(url: str) -> Iterator[None]:
        with app.test_request_context(url), workspace.acting_as("crm_contacts"):
            yield

    return request


@with_fixtures
@given(asked=QUERIES, position=POSITIONS)
def test_cursor_comes_back_as_it_was(
    requested: Requested, asked: ListQuery, position: tuple[str, ...]
) -> None:
    """Whatever the values of a place are, its cursor is plain in a URL and means the same."""
    with requested(CONTACTS):
        written = Cursor.of(asked, position).encode()
        cursor = Cursor.decode(written)
        cursor.check(asked)
    assert cursor.position == position
    assert written.replace("-", "").replace("_", "").isalnum()


@with_fixtures
@given(asked=QUERIES, other=QUERIES)
def test_cursor_of_another_query_is_refused(
    requested: Requested, asked: ListQuery, other: ListQuery
) -> None:
    """A place in one order, or among some items, is no place in another; filters have no order."""
    same = asked.sort == other.sort and asked.text == other.text
    assume(not (same and set(asked.conditions) == set(other.conditions)))
    with requested(CONTACTS), pytest.raises(InvalidCursor):
        Cursor.of(asked, ("a",)).check(other)


@with_fixtures
@given(data=st.data())
def test_cursor_that_nobody_gave_is_refused(requested: Requested, data: st.DataObject) -> None:
    """Changed anywhere, cut, lengthened or made up: it is none."""
    with requested(CONTACTS):
        given_one = Cursor.of(ListQuery(), ("a", "b")).encode()
        place = data.draw(st.integers(0, len(given_one) - 1))
        letter = data.draw(st.characters(codec="utf-8"))
        forged = data.draw(
            st.sampled_from(
                [
                    given_one[:place],
                    given_one[:place] + letter + given_one[place + 1 :],
                    given_one + letter,
                    given_one[place:] + given_one[:place],
                ]
            )
            | st.text()
        )
        assume(forged != given_one)
        with pytest.raises(InvalidCursor):
            Cursor.decode(forged)


@with_fixtures
@given(value=st.uuids())
def test_cursor_of_ids_belongs_to_the_rest_of_the_query(requested: Requested, value: UUID) -> None:
    """However much of the list is shown, and in whatever order its parameters come."""
    schema = Schema.from_dict({"after": CursorField()})()

    def loaded(after: str) -> UUID:
        found: UUID = schema.load({"after": after})["after"]
        return found

    with requested("/here?colour=red&size=2&limit=5"):
        written = schema.dump({"after": value})["after"]
        assert loaded(written) == value
    with requested(f"/here?size=2&colour=red&limit=9&total=true&fields=id&after={written}"):
        assert loaded(written) == value
    for url in ("/here?colour=red", "/here?colour=red&size=2&size=3", "/there?colour=red&size=2"):
        with requested(url), pytest.raises(InvalidCursor):
            loaded(written)


def assert_invalid(answer: TestResponse) -> None:
    """Assert that a cursor, and nothing else, is refused."""
    assert answer.status_code == 400, answer.text
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:invalid-cursor"
    assert answer.json["detail"].endswith(".")
    assert [(item["pointer"], item["code"]) for item in answer.json["errors"]] == [
        ("/query/after", "invalid-cursor")
    ]


def make_three(client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
    """Make three contacts, each with a card and a code, and an import."""

    def made(path: str, document: dict[str, Any]) -> str:
        answer = client.post(path, json=document, headers=workspace.headers)
        assert answer.json is not None
        return str(answer.json["id"])

    for name in "abc":
        contact = made(CONTACTS, {"name": {"full": name}})
        card = made(f"{QR}/cards", {"contact_id": contact})
        made(f"{QR}/codes", {"card_id": card})
        body = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD\r\n"
        client.post(IMPORTS, data=body, content_type="text/vcard", headers=workspace.headers)


LISTS = [CONTACTS, f"{QR}/cards", f"{QR}/codes", IMPORTS]


def test_cursor_is_good_for_one_list_of_one_workspace(
    client: FlaskClient, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Sent to any other list, or by others to the same, it is refused like a forged one."""
    make_three(client, workspace)
    make_three(client, other_workspace)
    for path in LISTS:
        answer = client.get(f"{path}?limit=1", headers=workspace.headers)
        assert answer.json is not None
        cursor = answer.json["next_after"]
        for other in LISTS:
            found = client.get(f"{other}?after={cursor}", headers=workspace.headers)
            if other == path:
                assert found.status_code == 200
            else:
                assert_invalid(found)
        assert_invalid(client.get(f"{path}?after={cursor}", headers=other_workspace.headers))
        assert_invalid(client.get(f"{path}?after={cursor[:-1]}", headers=workspace.headers))
        assert_invalid(client.get(f"{path}?after=", headers=workspace.headers))


def test_cursor_of_another_sort_or_choice_is_400(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """How much is shown of each page may change on the way; which list it is may not."""
    make_three(client, workspace)
    query = "sort=name&filter[name][prefix]="

    def ask(query: str) -> TestResponse:
        return client.get(f"{CONTACTS}?{query}", headers=workspace.headers)

    first = ask(f"{query}&limit=1").json
    assert first is not None
    after = f"after={first['next_after']}"
    for changed in ("limit=2", "total=true", "fields=id", "limit=200&total=true&fields=name"):
        page = ask(f"{query}&{after}&{changed}")
        assert page.status_code == 200, page.text
        assert page.json is not None
        assert first["items"][0]["id"] not in {item["id"] for item in page.json["items"]}
    for other in (
        "sort=name",
        "filter[name][prefix]=",
        "sort=-name&filter[name][prefix]=",
        "sort=name&filter[name][prefix]=b",
        "sort=name&filter[name][eq]=",
        f"{query}&filter[title][prefix]=",
        f"{query}&q=b",
    ):
        assert_invalid(ask(f"{other}&{after}"))
