from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest

#: `<uuid:contact_id>`, `<subscription>`.
PARAMETER = re.compile(r"<(?:[^<>]*:)?(\w+)>")

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document as anybody gets it."""
    answer = client.get("/api/openapi.json")
    assert answer.mimetype == "application/json"
    assert isinstance(answer.json, dict)
    return answer.json


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a name of each operation, and the operation."""
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a document."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from nodes(item)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return an object, or the component that it refers to."""
    found: Any = document
    for step in str(node.get("$ref", "")).split("/")[1:]:
        found = found[step]
    return found if "$ref" in node else node


def test_document_describes_exactly_what_is_served(app: Flask, document: dict[str, Any]) -> None:
    """Every operation of a plugin is described, and nothing else is."""
    served = {
        f"{method} " + PARAMETER.sub(r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {name for name, _ in operations(document)} == served


def test_every_operation_says_what_it_does_needs_and_answers(
    host: Host, document: dict[str, Any]
) -> None:
    """Summary, permission, security and the problems that the host answers with are all there."""
    declared = {
        f"{found.manifest.prefix}.{permission.name}"
        for found in host.plugins.active()
        for permission in found.permissions
    }
    assert document["openapi"].startswith("3.1.")
    assert document["security"] == [{"token": []}, {"session": []}]
    assert set(document["components"]["securitySchemes"]) == {"session", "token"}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["x-permission"] in declared, name
        assert set(operation["responses"]) >= {"401", "403", "500", "503"}, name
        assert any(status.startswith("2") for status in operation["responses"]), name
        assert "default" not in operation["responses"], name


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    """Generated clients call operations by stable names, made of address and method."""
    names = {name: operation["operationId"] for name, operation in operations(document)}
    assert len(set(names.values())) == len(names)
    assert names["POST /api/v1/contacts/imports"] == "contacts_imports_post"
    assert names["GET /api/v1/contacts/{contact_id}"] == "contacts_contact_id_get"


def test_every_error_is_described_as_a_problem(document: dict[str, Any]) -> None:
    """No other shape of an error is in the document, and none of flask-smorest's own."""
    for name, operation in operations(document):
        for status, node in operation["responses"].items():
            if int(status) >= 400:
                response = resolved(document, node)
                (media_type, media), *others = response["content"].items()
                assert (media_type, others) == ("application/problem+json", []), (name, status)
                assert media["schema"]["$ref"] == "#/components/schemas/Problem"
                types = media["schema"]["properties"]["type"]["enum"]
                values = [example["value"] for example in media["examples"].values()]
                assert [value["type"] for value in values] == types
                assert {value["status"] for value in values} == {int(status)}
    assert "Error" not in document["components"]["schemas"]


def test_every_json_body_and_answer_has_an_example(document: dict[str, Any]) -> None:
    """The author's where there is one, else one that is made from the schema."""
    for name, operation in operations(document):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media_type, media in (
            (t, m) for c in contents for t, m in c.get("content", {}).items()
        ):
            given = media.get("example") or media.get("examples")
            assert "json" not in media_type or given, (name, media_type)
    created = document["paths"]["/api/v1/contacts"]["post"]
    body = created["requestBody"]["content"]["application/json"]["example"]
    assert body["name"]["full"] == "Anna Lindqvist"
    answer = created["responses"]["201"]["content"]["application/json"]["example"]
    assert {"id", "version", "created_at"} <= set(answer)


def test_example_of_a_problem_is_what_the_host_answers_with(
    client: FlaskClient, workspace: WorkspaceUnderTest, document: dict[str, Any]
) -> None:
    """Type, title and status are those of the answer: of declared errors, and of the host's."""
    path, missing = "/api/v1/contacts/{contact_id}", "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
    described = document["paths"][path]["get"]["responses"]
    for headers, end, status in (
        ({}, missing, "401"),
        (workspace.headers, missing, "404"),
        (workspace.headers, "no-id", "404"),
        (workspace.headers, f"{missing}?x=1", "400"),
        (workspace.headers, missing * 300, "414"),
    ):
        answer = client.get(f"{path[:-12]}{end}", headers=headers)
        assert answer.json is not None
        media = resolved(document, described[status])["content"]["application/problem+json"]
        code = answer.json["type"].rpartition(":")[2]
        example = media["examples"][code]["value"]
        same = set(example) - {"instance"}
        assert {name: example[name] for name in same} == {name: answer.json[name] for name in same}


def test_bodies_and_queries_name_what_may_be_wrong_with_them(document: dict[str, Any]) -> None:
    """A body can be malformed, too large, of the wrong type or wrong; a query is malformed."""
    found = dict(operations(document))
    assert set(found["POST /api/v1/contacts"]["responses"]) >= {"400", "413", "415", "422"}
    assert set(found["POST /api/v1/contacts/imports"]["responses"]) >= {"413", "415", "422"}
    assert all("400" in operation["responses"] for operation in found.values())
    accepted = found["POST /api/v1/contacts/imports"]["requestBody"]["content"]
    assert set(accepted) >= {"text/vcard", "text/x-vcard", "text/directory", "text/csv"}
    assert "422" not in found["GET /api/v1/contacts"]["responses"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """References, path parameters and required members are all defined."""
    for node in nodes(document):
        target: Any = document
        for step in str(node.get("$ref", "#")).split("/")[1:]:
            target = target[step]
        if "properties" in node and "required" in node:
            assert set(node["required"]) <= set(node["properties"])
    for path, item in document["paths"].items():
        named = {found["name"] for found in item.get("parameters", ())}
        assert set(re.findall(r"{(.*?)}", path)) == named


def test_plugin_that_is_not_enabled_is_not_in_the_document(
    meishi_settings: Settings, database: Location
) -> None:
    """The document of a deployment without the QR generator does not know of it."""
    settings = replace(meishi_settings, plugins=("crm_contacts",))
    app = create_app(settings, location=database)
    document = app.test_client().get("/api/openapi.json").json
    app.extensions["meishi"].close()
    assert document is not None
    prefixes = {path.split("/")[3].partition(":")[0] for path in document["paths"]}
    assert "contacts" in prefixes
    assert "qr" not in prefixes
    assert "Card" not in document["components"]["schemas"]
