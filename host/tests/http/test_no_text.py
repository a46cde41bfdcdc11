"""U+0000, which PostgreSQL cannot store, and half of a surrogate pair: refused, and pointed to."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema, fields

from meishi.http.no_text import HALF, NO_TEXT, PassedOnField, text_errors
from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS, CARDS = "/api/v1/contacts", "/api/v1/qr/cards"
NUL = "a\0b"
LONE = "a\ud800"


@pytest.fixture
def card(client: FlaskClient, workspace: WorkspaceUnderTest) -> str:
    """The address of a card."""
    ada = {"name": {"full": "Ada"}}
    contact = client.post(CONTACTS, json=ada, headers=workspace.headers).get_json()
    body = {"contact_id": contact["id"]}
    return client.post(CARDS, json=body, headers=workspace.headers).headers["Location"]


def test_text_with_nul_in_a_body_is_pointed_to(
    client: FlaskClient, workspace: WorkspaceUnderTest, card: str
) -> None:
    """Of a new resource and of a patch, of any plugin, together with all else that is wrong."""
    headers = workspace.headers | {"If-Match": "*"}
    code = {"card_id": card.rsplit("/", 1)[1], "label": NUL}
    for method, path, body, status, pointers in (
        ("POST", "/api/v1/qr/codes", code, 422, {"/label"}),
        ("POST", "/api/v1/qr/codes", code | {"kind": "x"}, 422, {"/label", "/kind"}),
        ("POST", "/api/v1/qr/codes", code | {"lable": NUL}, 400, {"/label", "/lable"}),
        ("PATCH", card, {"title": NUL}, 422, {"/title"}),
        ("POST", CONTACTS, {"name": {"full": NUL}}, 422, {"/name/full"}),
    ):
        answer = client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.json is not None
        assert answer.json["type"] == "urn:meishi:problem:invalid-request"
        assert {item["pointer"] for item in answer.json["errors"]} == pointers


#: What the contact service takes texts in, and where: method, address, body.
TEXTS: list[tuple[str, str, Any, str]] = [
    ("POST", "", {"name": {"full": "?"}}, "/name/full"),
    ("POST", "", {"name": {"full": "A", "family": "?"}}, "/name/family"),
    ("POST", "", {"name": {"full": "A"}, "tags": ["a", "?"]}, "/tags/1"),
    ("POST", "", {"name": {"full": "A"}, "custom": {"size": "?"}}, "/custom/size"),
    ("POST", "", {"name": {"full": "A"}, "emails": [{"address": "?"}]}, "/emails/0/address"),
    (
        "POST",
        "",
        {"name": {"full": "A"}, "addresses": [{"locality": "?"}]},
        "/addresses/0/locality",
    ),
    ("PATCH", "/{id}", {"organisation": "?"}, "/organisation"),
    ("PATCH", "/{id}", {"units": ["?"], "note": "?"}, "/units/0 /note"),
    ("PATCH", "/{id}", {"custom": {"size": "?"}}, "/custom/size"),
    ("POST", "/{id}/notes", {"text": "?"}, "/text"),
    ("POST", "/{id}/relationships", {"type": "friend", "note": "?"}, "/note"),
    ("POST", "/lists", {"name": "?"}, "/name"),
    ("POST", "/segments", {"name": "?", "filter": {}}, "/name"),
    ("POST", "/segments", {"name": "S", "filter": {"name": {"eq": "?"}}}, "/filter/name/eq"),
    ("POST", "/tags", {"name": "?"}, "/name"),
    ("POST", "/custom-fields", {"key": "size", "title": "?", "type": "text"}, "/title"),
]


@pytest.mark.parametrize("wrong", [LONE, NUL])
def test_no_text_gets_into_contacts(
    client: FlaskClient, workspace: WorkspaceUnderTest, wrong: str
) -> None:
    """Whatever takes a text points to what is none."""
    headers = workspace.headers | {"If-Match": "*", "Content-Type": "application/json"}
    ada = client.post(CONTACTS, json={"name": {"full": "Ada"}}, headers=workspace.headers)
    contact_id = ada.get_json()["id"]
    for method, path, body, pointers in TEXTS:
        sent = json.dumps(body).replace('"?"', json.dumps(wrong))
        address = CONTACTS + path.format(id=contact_id)
        answer = client.open(address, method=method, data=sent, headers=headers)
        assert answer.status_code in {400, 422}, (path, body, answer.text)
        found = {item["pointer"]: item["message"] for item in answer.get_json()["errors"]}
        for pointer in pointers.split():
            said = HALF if wrong == LONE else NO_TEXT
            assert found.get(pointer) == said, (path, body, answer.text)


def test_no_half_of_a_pair_is_looked_for(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """In addresses it is no UTF-8, and stands for nothing that is stored."""
    for name in ("q", "filter[name][eq]", "filter[tags][any]", "filter[email][prefix]"):
        address = f"{CONTACTS}?{quote(name)}=%ED%A0%80"
        answer = client.get(address, headers=workspace.headers)
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 200:
            assert answer.get_json()["items"] == []


def test_what_else_is_no_json_is_told_as_before(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Also where half of a pair stands in it, or in what no field takes."""
    headers = workspace.headers | {"Content-Type": "application/json"}
    for body in (
        '{"name": {"full": "\\ud800"}, "a": NaN}',
        '{"name": "\\ud800"',
        '{"x": "\\ud800"}',
    ):
        answer = client.post(CONTACTS, data=body, headers=headers)
        assert answer.status_code == 400
        assert "is not JSON" in answer.get_json()["detail"]


def test_text_about_nul_is_a_text(
    client: FlaskClient, workspace: WorkspaceUnderTest, card: str
) -> None:
    """A backslash before its escape is no character U+0000."""
    headers = workspace.headers | {"If-Match": "*"}
    answer = client.patch(card, json={"title": "\\u0000"}, headers=headers)
    assert answer.get_json()["title"] == "\\u0000"


@pytest.mark.parametrize("name", ["q", "filter[name][eq]", "filter[uid][eq]"])
def test_parameter_with_nul_is_pointed_to(
    client: FlaskClient, workspace: WorkspaceUnderTest, name: str
) -> None:
    """No text that is stored has it, so nothing is looked for."""
    answer = client.get(CONTACTS, query_string={name: NUL}, headers=workspace.headers)
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == [
        {"pointer": f"/query/{name}", "code": "invalid", "message": NO_TEXT}
    ]


def test_item_of_a_batch_is_refused_alone(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """The others are done, and its pointer leads into its own body."""
    items = [{"method": "POST", "body": {"name": {"full": name}}} for name in ("Ada", NUL)]
    answer = client.post(f"{CONTACTS}:batch", json={"items": items}, headers=workspace.headers)
    done, refused = answer.get_json()["items"]
    assert (done["status"], refused["status"]) == (201, 422)
    assert [item["pointer"] for item in refused["body"]["errors"]] == ["/name/full"]


class PartSchema(Schema):
    """A part of a thing."""

    name = fields.String()
    body = PassedOnField()


class ThingSchema(Schema):
    """A thing with texts in every way that marshmallow has."""

    part = fields.Nested(PartSchema)
    parts = fields.List(fields.Nested(PartSchema))
    many = fields.Nested(PartSchema, many=True)
    names = fields.List(fields.String())
    free = fields.Dict()
    any = fields.Raw()


WRONG: list[tuple[Any, Any]] = [
    ({"part": {"name": NUL}}, {"part": {"name": [NO_TEXT]}}),
    ({"parts": [{}, {"name": NUL}]}, {"parts": {1: {"name": [NO_TEXT]}}}),
    ({"many": [{"name": NUL}]}, {"many": {0: {"name": [NO_TEXT]}}}),
    ({"names": ["a", NUL]}, {"names": {1: [NO_TEXT]}}),
    ({"free": {"a": [{"b": NUL}]}}, {"free": {"a": {0: {"b": [NO_TEXT]}}}}),
    ({"free": {"a": {NUL: 1}}}, {"free": {"a": [NO_TEXT]}}),
    ({"any": NUL}, {"any": [NO_TEXT]}),
    ({"any": LONE}, {"any": [HALF]}),
    ({"names": [NUL + LONE, "\U0001f600"]}, {"names": {0: [NO_TEXT, HALF]}}),
    ([NUL], {0: [NO_TEXT]}),
    (NUL, [NO_TEXT]),
    ({"part": {"body": {"a": NUL}}, "parts": [{"body": NUL}], "many": [{"body": NUL}]}, None),
    ({"part": 7, "parts": {}, "any": None}, None),
]


@pytest.mark.parametrize(("document", "said"), WRONG)
def test_no_text_is_found_wherever_it_stands(document: Any, said: Any) -> None:
    """At any depth and in what a schema leaves open, but not in what is passed on."""
    assert text_errors(document, ThingSchema()) == said
