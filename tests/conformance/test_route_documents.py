"""What the OpenAPI document says of operations: all that they need and answer, with examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from meishi.app import create_app
from meishi.http.docs.document import Document
from meishi.lifecycle.installation import upgrade_all
from meishi.lifecycle.loading import load_plugins
from meishi.settings import Settings
from meishi.testing.conformance.json_values import JsonSchemas
from meishi.testing.conformance.route_documents import route_document_faults
from meishi.testing.packages import plugin_packages
from meishi.testing.types import TestDatabases

CONTRACT = '''
from typing import Protocol

from meishi.sdk.contract import DomainError, command


class DepotClosed(DomainError):
    """Nobody is there."""

    code = "depot-closed"
    title = "The depot is closed"
    status = 409


class Depot(Protocol):
    """Boxes."""

    @command(errors=(DepotClosed,))
    def put(self) -> None:
        """Put a box there."""
        ...
'''

PLUGIN = """
from depot.contract import Depot, DepotClosed
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, validate
from meishi.sdk.context import service
from meishi.sdk.http import Blueprint, wanted_versions
from meishi.sdk.plugin import Permission, hookimpl
blueprint = Blueprint("depot", description="Depot")
def even(number):
    if number % 2:
        raise ValidationError("Must be even.")
class BoxSchema(Schema):
    label = fields.String(required=True, validate=validate.Length(2, 6))
    kind = fields.String(validate=validate.OneOf(["small", "large"]))
    height = fields.Integer(validate=even, metadata={"example": 2})
    weight = fields.Integer(validate=validate.Range(1, 9))
class StoredBoxSchema(BoxSchema):
    id = fields.Integer(required=True, dump_only=True)
    code = fields.String(required=True, load_only=True)
def put_by_name():
    depot = service(Depot)
    return depot.put()
def refuse():
    raise DepotClosed("It is night.")
@hookimpl
def permissions():
    return [Permission(name="use", title="Use")]
@hookimpl
def routes():
    return [blueprint]
"""

BOX = {"label": "Books", "kind": "small", "height": 4}


@dataclass(frozen=True)
class Case:
    """An operation, and what is said of it: a part of each sentence, in any order."""

    said: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ("response(200, BoxSchema)",)
    summary: str = "Do something."
    code: str = "return {}"
    path: str = ""
    method: str = "get"

    def view(self, rule: str) -> str:
        """Return the code of the view."""
        decorators = "".join(f"    @blueprint.{text}\n" for text in self.decorators)
        return (
            f"@blueprint.route({rule + self.path!r})\nclass View(MethodView):\n"
            f"    @blueprint.requires('use')\n{decorators}"
            f"    def {self.method}(self, *_, **__):\n"
            f"        {self.summary!r}\n        {self.code}\n"
        )


def with_body(example: object, *said: str) -> Case:
    """Return an operation with an example of its body."""
    body = f"arguments(BoxSchema, example={example!r})"
    return Case(said, (body, "response(200, BoxSchema)"), method="post")


def with_answer(example: object, *said: str) -> Case:
    """Return an operation with an example of its answer."""
    return Case(said, (f"response(200, BoxSchema, example={example!r})",))


CLOSED = "the response 409 is not documented, though it may end with DepotClosed"
REFUSED = "the response 200 is not what its schema says: "
CASES = {
    "sound": Case(),
    "sound with a body": with_body(BOX),
    "sound with a declared error": Case(
        decorators=("response(200, BoxSchema)", "problem(DepotClosed)"), code="service(Depot).put()"
    ),
    "sound with a member that only answers have, and one that only bodies have": Case(
        decorators=("arguments(StoredBoxSchema)", "response(200, StoredBoxSchema)"), method="post"
    ),
    "an answer without a member that only answers have": Case(
        (f"{REFUSED}/id is missing",), (f"response(200, StoredBoxSchema, example={BOX!r})",)
    ),
    "no summary": Case(("it has no summary",), summary=""),
    "an error of a call": Case((CLOSED,), code="service(Depot).put()"),
    "an error of a service with a name": Case((CLOSED,), code="return put_by_name()"),
    "an error that is raised": Case((CLOSED,), code="return refuse()"),
    "a path without 404": Case(
        ("the response 404 is not documented, though what its path names may be missing",),
        path="/<uuid:box_id>",
    ),
    "preconditions": Case(
        ("the response 428 is not documented, though it may end with PreconditionRequired",),
        code="wanted_versions()",
    ),
    "only problems": Case(("no response of success is documented",), ("problem(DepotClosed)",)),
    "an error of another shape": Case(
        ("the response 409 is no problem",),
        (
            "response(200, BoxSchema)",
            "doc(responses={409: {'description': 'x', 'content': {'application/json': {}}}})",
        ),
    ),
    "a file without an example": Case(
        ("the body text/csv has no example",),
        (
            "response(200, BoxSchema)",
            "doc(requestBody={'content': {'text/csv': {'schema': {'type': 'string'}}}})",
        ),
        method="post",
    ),
    "a body that breaks a rule": with_body(
        BOX | {"height": 3}, "refused by its own schema: {'height': ['Must be even.']}"
    ),
    "a body without a member": with_body(
        {"kind": "small"},
        "the body application/json is not what its schema says: /label is missing",
        "{'label': ['Missing data for required field.']}",
    ),
    "an unknown member": with_body(
        BOX | {"colour": "red"}, "/colour is not known", "{'colour': ['Unknown field.']}"
    ),
    "an answer without a member": with_answer({}, f"{REFUSED}/label is missing"),
    "an answer of a wrong type": with_answer(BOX | {"height": "4"}, "/height is no integer"),
    "an answer of a wrong value": with_answer(BOX | {"kind": "huge"}, "/kind is none of"),
    "an answer that is too long": with_answer(BOX | {"label": "Journals"}, "breaks maxLength 6"),
    "an answer that is too much": with_answer(BOX | {"weight": 10}, "/weight breaks maximum 9"),
}


def rule_of(name: str) -> str:
    """Return where an operation is served."""
    return f"/{name.replace(' ', '-')}"


@pytest.fixture(scope="module")
def depot_faults(
    meishi_settings: Settings,
    meishi_databases: TestDatabases,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[str]:
    """What is said of a third party's plugin with all sorts of operations."""
    code = PLUGIN + "".join(case.view(rule_of(name)) for name, case in CASES.items())
    folder = tmp_path_factory.mktemp("depot")
    with plugin_packages(folder) as packages, meishi_databases.empty() as location:
        packages.add("depot", plugin=code, files={"contract.py": CONTRACT}, api_prefix="depot")
        settings = replace(meishi_settings, plugins=("depot",))
        plugins = load_plugins(settings)
        upgrade_all(settings, location, plugins)
        app = create_app(settings, location=location, plugins=plugins)
        found = list(route_document_faults(app, "depot"))
        app.extensions["meishi"].close()
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_a_document_lacks_is_named(name: str, depot_faults: list[str]) -> None:
    """One sentence says which operation it is, and what is missing or wrong; else there is none."""
    case = CASES[name]
    start = f"{case.method.upper()} /api/v1/depot{rule_of(name)}{case.path}: "
    said = [fault.removeprefix(start) for fault in depot_faults if fault.startswith(start)]
    assert len(said) == len(case.said), said
    assert all(any(part in fault for fault in said) for part in case.said), said


SCHEMAS: list[tuple[Any, Any, list[str]]] = [
    ({"type": ["string", "null"]}, None, []),
    ({"type": ["string", "null"]}, 1, ["it is no string or null"]),
    ({"type": "integer"}, True, ["it is no integer"]),
    ({"type": "number"}, 1, []),
    ({"const": "a"}, "b", ["it is not 'a'"]),
    ({"$ref": "#/components/schemas/Tree"}, {"inside": [{"inside": []}]}, []),
    ({"$ref": "#/components/schemas/Tree"}, {"inside": [{}]}, ["/inside/0/inside is missing"]),
    (
        {"$ref": "#/components/schemas/Tree", "properties": {"a": True}},
        {"a": 1},
        ["/inside is missing"],
    ),
    ({"$ref": "#/components/schemas/Tree", "required": ["a"]}, {"inside": []}, ["/a is missing"]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, ["it is no string"]),
    ({"allOf": [{"type": "object", "required": ["a"]}]}, {}, ["/a is missing"]),
    ({"additionalProperties": False}, {"a": 1}, ["/a is not known"]),
    ({"additionalProperties": {"type": "string"}}, {"a": 1}, ["/a is no string"]),
    ({"type": "string", "format": "uuid"}, "x", ["it is no uuid"]),
    ({"type": "string", "format": "date-time"}, "2026-01-31T09:30:00Z", []),
    ({"type": "string", "pattern": "^a"}, "b", ["it breaks pattern '^a'"]),
]


@pytest.mark.parametrize(("schema", "value", "said"), SCHEMAS)
def test_values_are_held_against_their_schemas(schema: Any, value: Any, said: list[str]) -> None:
    """Types, values, limits, members and references count."""
    tree = {
        "type": "object",
        "required": ["inside"],
        "properties": {"inside": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    document = Document({"components": {"schemas": {"Tree": tree}}})
    assert list(JsonSchemas(document).faults(value, schema)) == said
