"""Fields that nobody knows: a malformed request, told with what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema, ValidationError, fields

from meishi.http.suggestions import UnknownFields
from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS = "/api/v1/contacts"
ADA: dict[str, Any] = {"name": {"full": "Ada"}}

Errors = set[tuple[str, str, str]]

UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"emial": []}, "/emial", "Unknown field. Did you mean `emails`?"),
    ({"name": {"ful": "A"}}, "/name/ful", "Unknown field. Did you mean `full`?"),
    ({"emails": [{"adress": "a"}]}, "/emails/0/adress", "Unknown field. Did you mean `address`?"),
    ({"colour": "red"}, "/colour", "Unknown field."),
    ({"a/b~": 1}, "/a~1b~0", "Unknown field."),
    ({"": 1}, "/", "Unknown field."),
    ({"emails" * 20: 1}, f"/{'emails' * 20}", "Unknown field."),
]


@pytest.fixture
def path(client: FlaskClient, workspace: WorkspaceUnderTest) -> str:
    """The address of a contact."""
    answer = client.post(CONTACTS, json=ADA, headers=workspace.headers)
    return answer.headers["Location"]


def test_unknown_field_is_400_with_a_suggestion(
    client: FlaskClient, workspace: WorkspaceUnderTest, path: str, subtests: pytest.Subtests
) -> None:
    """Of a new resource and of a merge patch, at any depth: pointed to, and nothing is kept."""
    headers = workspace.headers | {"If-Match": "*"}
    for document, pointer, message in UNKNOWN:
        for method, address, known in (("POST", CONTACTS, ADA), ("PATCH", path, {})):
            with subtests.test(method=method, pointer=pointer[:20]):
                answer = client.open(address, method=method, json=known | document, headers=headers)
                assert answer.status_code == 400, answer.text
                assert answer.json is not None
                assert answer.json["type"] == "urn:meishi:problem:invalid-request"
                assert (pointer, "unknown-field", message) in {
                    (item["pointer"], item["code"], item["message"])
                    for item in answer.json["errors"]
                }
    listed = client.get(f"{CONTACTS}?total=true", headers=headers).json
    assert listed is not None
    assert (listed["total"], listed["items"][0]["version"]) == (1, 1)


def test_what_else_is_wrong_is_told_at_once(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """A body with unknown fields and wrong values is 400, with wrong values alone 422."""
    wrong = {"name": {"full": 7}, "kind": "alien"}
    for extra, status in (({}, 422), ({"nam": 1}, 400)):
        answer = client.post(CONTACTS, json=wrong | extra, headers=workspace.headers)
        assert answer.status_code == status
        assert answer.json is not None
        assert {(item["pointer"], item["code"]) for item in answer.json["errors"]} == {
            ("/name/full", "invalid"),
            ("/kind", "invalid"),
            *((f"/{name}", "unknown-field") for name in extra),
        }


class PartSchema(Schema):
    """A part of a thing."""

    colour = fields.String()
    made_by = fields.String(data_key="maker")


class ThingSchema(Schema):
    """A thing with parts in every way that marshmallow has."""

    part = fields.Nested(PartSchema)
    parts = fields.List(fields.Nested(PartSchema))
    many = fields.Nested(PartSchema, many=True)
    named = fields.Dict(keys=fields.String(), values=fields.Nested(PartSchema))
    kept = fields.String(dump_only=True)


def said(document: Any, schema: Schema) -> tuple[Any, int]:
    """Return what is said of a document, and how many unknown fields were found in it."""
    with pytest.raises(ValidationError) as caught:
        schema.load(document)
    unknown = UnknownFields()
    return unknown.of_schema(caught.value.messages, schema), unknown.found


COLOUR = ["Unknown field. Did you mean `colour`?"]


def test_names_are_compared_with_those_of_their_level() -> None:
    """In every kind of nesting it is the names in documents that are suggested, of what is read."""
    wrong = {"color": "red"}
    found, count = said(
        {"part": wrong, "parts": [{}, wrong], "many": [wrong], "named": {"a": wrong}, "kept": "x"},
        ThingSchema(),
    )
    assert found == {
        "part": {"color": COLOUR},
        "parts": {1: {"color": COLOUR}},
        "many": {0: {"color": COLOUR}},
        "named": {"a": {"value": {"color": COLOUR}}},
        "kept": ["Unknown field."],
    }
    assert count == 5
    assert said([{}, wrong], PartSchema(many=True)) == ({1: {"color": COLOUR}}, 1)
    assert said({"made_by": "x", "make": "y"}, PartSchema())[0] == {
        "made_by": ["Unknown field."],
        "make": ["Unknown field. Did you mean `maker`?"],
    }
    assert said({"part": "x"}, ThingSchema()) == ({"part": {"_schema": ["Invalid input type."]}}, 0)
    assert said([], ThingSchema()) == ({"_schema": ["Invalid input type."]}, 0)


def test_few_of_many_unknown_names_are_compared() -> None:
    """All of them are named; suggestions are for who mistyped some, not for who floods us."""
    found, count = said({f"colour{number}": 1 for number in range(500)}, PartSchema())
    assert (len(found), count) == (500, 500)
    assert sum("Did you mean" in message for (message,) in found.values()) == 20
