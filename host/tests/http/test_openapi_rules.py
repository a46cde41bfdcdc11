"""Rules that the OpenAPI document keeps to, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, Registry
from openapi_spec_validator import validate

from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IssueToken

METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = "application/problem+json"
#: Of these statuses every operation warns.
EVERYWHERE = {"400", "401", "403", "414", "429", "500", "503"}
PAGE = "/api/openapi.json"


@dataclass(frozen=True)
class Operation:
    """An operation with its responses and parameters, wherever they are written down."""

    name: str
    said: dict[str, Any]
    responses: dict[str, dict[str, Any]]
    parameters: list[dict[str, Any]]

    @property
    def media(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """What comes and what goes, by media type."""
        said = {"request": self.said.get("requestBody", {}), **self.responses}
        for where, described in said.items():
            for media_type, media in described.get("content", {}).items():
                yield where, media_type, media


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return an object, or the component that it refers to."""
    found: Any = document
    for step in str(node.get("$ref", "")).split("/")[1:]:
        found = found[step]
    return found if "$ref" in node else node


def operations(document: dict[str, Any]) -> list[Operation]:
    """Return all operations of a document."""
    return [
        Operation(
            f"{method.upper()} {path}",
            item[method],
            {s: resolved(document, r) for s, r in item[method]["responses"].items()},
            [
                resolved(document, given)
                for given in (*item.get("parameters", ()), *item[method].get("parameters", ()))
            ],
        )
        for path, item in document["paths"].items()
        for method in sorted(METHODS & set(item))
    ]


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document as anybody gets it."""
    found: dict[str, Any] | None = client.get(PAGE).json
    assert found is not None
    return found


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    """An independent validator finds nothing that OpenAPI 3.1 does not allow."""
    validate(document)


def test_every_operation_belongs_to_a_plugin_that_is_described(document: dict[str, Any]) -> None:
    """One tag each, and a sentence for each tag."""
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    for operation in operations(document):
        assert len(operation.said["tags"]) == 1, operation.name
        assert set(operation.said["tags"]) <= described, operation.name
        assert operation.said["summary"].strip(), operation.name
        assert "x-problems" not in operation.said, operation.name


def test_every_operation_warns_of_all_that_the_host_may_answer(document: dict[str, Any]) -> None:
    """What can happen to every request, to bodies, to addresses and to changes is described."""
    for operation in operations(document):
        method, path = operation.name.split()
        expected = set(EVERYWHERE)
        if "requestBody" in operation.said:
            expected |= {"411", "413", "415", "422"}
        if "{" in path:
            expected.add("404")
        if method != "GET":
            expected.add("409")
        asked = [given for given in operation.parameters if given["name"] == "If-Match"]
        if asked:
            expected.add("412")
        assert ("428" in operation.responses) == any(given["required"] for given in asked)
        assert expected <= set(operation.responses), operation.name


def test_every_problem_has_types_and_an_example_of_each(document: dict[str, Any]) -> None:
    """Whoever reads a status knows which stable types come with it."""
    for operation in operations(document):
        for status, response in operation.responses.items():
            if status >= "4":
                media = response["content"][PROBLEM]
                types = media["schema"]["properties"]["type"]["enum"]
                assert types
                assert [e["value"]["type"] for e in media["examples"].values()] == types


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    """Bodies, answers and problems are what their schemas say, formats included."""
    described = [
        (operation.name, where, media)
        for operation in operations(document)
        for where, media_type, media in operation.media
        if "json" in media_type
    ]
    # The document is gone through once, and what a schema refers to is found in it.
    schemas = {str(number): media["schema"] for number, (*_, media) in enumerate(described)}
    whole = {"components": document["components"], "schemas": schemas}
    registry = Registry([("urn:document", whole)])
    for number, (name, where, media) in enumerate(described):
        examples = [example["value"] for example in media.get("examples", {}).values()]
        examples += [media["example"]] if "example" in media else []
        assert examples, (name, where)
        schema = {"$ref": f"urn:document#/schemas/{number}"}
        validator = Draft202012Validator(schema, validate_formats=True, registry=registry)
        for example in examples:
            errors = [error.message for error in validator.iter_errors(example)]
            assert not errors, (name, where)


def test_patterns_are_those_of_json_schema(document: dict[str, Any]) -> None:
    """A pattern that Python alone understands would make the document useless to others."""
    look = document["components"]["schemas"]["Look"]["properties"]["dark"]
    assert look["pattern"] == "^(?:#[0-9a-fA-F]{6}$)"


def test_headers_are_described_once(document: dict[str, Any]) -> None:
    """Headers are components; answers name those that they carry."""
    for operation in operations(document):
        for status, response in operation.responses.items():
            names = set(response.get("headers", {}))
            assert all("$ref" in said for said in response.get("headers", {}).values())
            if status.startswith("2"):
                assert names >= {"RateLimit", "RateLimit-Policy"}, operation.name
        assert "Retry-After" in operation.responses["429"]["headers"]
        assert "Retry-After" in operation.responses["503"]["headers"]
        assert "WWW-Authenticate" in operation.responses["401"]["headers"]
        if "304" in operation.responses:
            assert "If-None-Match" in {given["name"] for given in operation.parameters}
    page = {found.name: found for found in operations(document)}["GET /api/v1/contacts"]
    assert "Link" in page.responses["200"]["headers"]


def test_limits_are_published(app: Flask, host: Host, document: dict[str, Any]) -> None:
    """A program reads the deployment's limits from the document."""
    limits = document["x-limits"]
    assert limits["json_bytes"] == host.settings.max_json_bytes
    assert limits["json_depth"] == 32
    assert limits["requests_per_minute"] == {"token": None, "workspace": None, "address": None}
    assert document["servers"] == [{"url": "/"}]


def test_a_token_is_shown_what_it_may_do(
    client: FlaskClient, issue_token: IssueToken, document: dict[str, Any]
) -> None:
    """The document of a token has the operations that its permissions allow, and their parts."""
    answer = client.get(PAGE, headers=issue_token(frozenset({"qr.read"})))
    assert answer.headers["Vary"] == "Authorization"
    assert answer.json is not None
    validate(answer.json)
    allowed = {op.name for op in operations(document) if op.said["x-permission"] == "qr.read"}
    assert {op.name for op in operations(answer.json)} == allowed
    assert [tag["name"] for tag in answer.json["tags"]] == ["qr"]
    schemas = answer.json["components"]["schemas"]
    assert "Card" in schemas
    assert "Contact" not in schemas
    references = set(re.findall(r'"#/components/schemas/(\w+)"', answer.text))
    assert references == set(schemas)


def test_an_unlimited_token_is_shown_everything_and_a_wrong_one_nothing(
    client: FlaskClient, workspace: WorkspaceUnderTest, document: dict[str, Any]
) -> None:
    """The owner sees what anybody sees but operators' part; a token that is none is refused."""
    found = client.get(PAGE, headers=workspace.headers).json
    assert found is not None
    shown, everything = operations(found), operations(document)
    rest = {operation.name for operation in everything} - {item.name for item in shown}
    assert {item.said["x-permission"] for item in everything if item.name in rest} == {
        "analytics.deployment",
        "events.operate",
        "health.operate",
        "jobs.operate",
        "plugins.operate",
    }
    assert client.get(PAGE, headers={"Authorization": "Bearer msh_no"}).status_code == 401
