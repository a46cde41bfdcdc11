"""Which changes of the web API break its callers."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from meishi.settings import Settings
from meishi.testing.surface import web_changes, web_document

pytestmark = pytest.mark.no_calls

NOTE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"type": "string", "enum": ["done", "open"]},
        "title": {"type": ["string", "null"]},
    },
    "required": ["id"],
}
DRAFT: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 50}, "state": {"type": "string"}},
    "required": ["title"],
}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/notes": {
            "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer"}}],
            "get": {
                "operationId": "notes_get",
                "x-permission": "notes.read",
                "responses": {"200": {"$ref": "#/components/responses/Note"}},
            },
            "post": {
                "x-permission": "notes.write",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Draft"}}
                    }
                },
                "responses": {
                    "201": {
                        "headers": {"Location": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Note"}}
                        },
                    },
                    "409": {
                        "content": {
                            "application/problem+json": {
                                "schema": {
                                    "$ref": "#/components/schemas/Problem",
                                    "properties": {"type": {"enum": ["a", "b"]}},
                                }
                            }
                        }
                    },
                },
            },
        }
    },
    "components": {
        "schemas": {"Note": NOTE, "Draft": DRAFT, "Problem": {"type": "object"}},
        "responses": {
            "Note": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}
            }
        },
    },
}
Edit = Callable[[Any, Any, Any, Any], object]


def body(post: Any) -> Any:
    """Return what is said of a request's body."""
    return post["requestBody"]


def problem(post: Any) -> Any:
    """Return the schema of what is refused."""
    return post["responses"]["409"]["content"]["application/problem+json"]["schema"]


#: An edit of the document (its path, its POST, its schemas), and what is said of it.
BREAKING: list[tuple[str, Edit]] = [
    ("GET /notes: is gone", lambda path, post, note, draft: path.pop("get")),
    (
        "GET /notes: the permission was `notes.read`, is `notes.operate`",
        lambda path, post, note, draft: path["get"].update({"x-permission": "notes.operate"}),
    ),
    (
        "GET /notes: the name was `notes_get`, is `list_notes`",
        lambda path, post, note, draft: path["get"].update({"operationId": "list_notes"}),
    ),
    (
        "GET /notes: the parameter `limit` (query) is gone",
        lambda path, post, note, draft: path["parameters"].clear(),
    ),
    (
        "GET /notes: the parameter `limit` (query) has to be given",
        lambda path, post, note, draft: path["parameters"][0].update(required=True),
    ),
    (
        "GET /notes: the parameter `limit` (query) was integer, is string",
        lambda path, post, note, draft: path["parameters"][0].update(schema={"type": "string"}),
    ),
    (
        "GET /notes: the parameter `of` (query) is new and has to be given",
        lambda path, post, note, draft: path["parameters"].append(
            {"in": "query", "name": "of", "required": True}
        ),
    ),
    (
        "POST /notes: the body has to be sent",
        lambda path, post, note, draft: body(post).update(required=True),
    ),
    (
        "POST /notes: takes no body any more",
        lambda path, post, note, draft: post.pop("requestBody"),
    ),
    (
        "POST /notes: the answer 201 is gone",
        lambda path, post, note, draft: post["responses"].pop("201"),
    ),
    (
        "POST /notes: the answer 201 has no header `Location` any more",
        lambda path, post, note, draft: post["responses"]["201"].pop("headers"),
    ),
    (
        "POST /notes: the answer 201 is not `application/json` any more",
        lambda path, post, note, draft: post["responses"]["201"].pop("content"),
    ),
    (
        "schema Note: what is answered: `title` is gone",
        lambda path, post, note, draft: note["properties"].pop("title"),
    ),
    (
        "schema Note: what is answered: `id` may be missing",
        lambda path, post, note, draft: note.pop("required"),
    ),
    (
        "schema Note: what is answered: `id` was string, is null or string",
        lambda path, post, note, draft: note["properties"]["id"].update(type=["string", "null"]),
    ),
    (
        "schema Note: what is answered: `id`: `format` was uuid, is None",
        lambda path, post, note, draft: note["properties"]["id"].pop("format"),
    ),
    (
        "schema Note: what is answered: `state` is never `done` any more",
        lambda path, post, note, draft: note["properties"]["state"].update(enum=["open"]),
    ),
    (
        "schema Draft: what is sent: `state` is gone",
        lambda path, post, note, draft: draft["properties"].pop("state"),
    ),
    (
        "schema Draft: what is sent: `state` has to be there",
        lambda path, post, note, draft: draft["required"].append("state"),
    ),
    (
        "schema Draft: what is sent: `mood` is new and has to be given",
        lambda path, post, note, draft: (
            draft["properties"].update(mood={}),
            draft["required"].append("mood"),
        ),
    ),
    (
        "schema Draft: what is sent: `state` may be some values only",
        lambda path, post, note, draft: draft["properties"]["state"].update(enum=["open"]),
    ),
    (
        "schema Draft: what is sent: `title`: `maxLength` was 50, is 40",
        lambda path, post, note, draft: draft["properties"]["title"].update(maxLength=40),
    ),
]
COMPATIBLE: list[tuple[str, Edit]] = [
    (
        "DELETE /notes: is new",
        lambda path, post, note, draft: path.update(delete={"responses": {}}),
    ),
    (
        "GET /notes: is deprecated",
        lambda path, post, note, draft: path["get"].update(deprecated=True),
    ),
    (
        "POST /notes: the parameter `of` (query) is new",
        lambda path, post, note, draft: post.update(parameters=[{"in": "query", "name": "of"}]),
    ),
    (
        "POST /notes: the answer 409 is gone",
        lambda path, post, note, draft: post["responses"].pop("409"),
    ),
    (
        "POST /notes: the answer 409: `type` is never `a` any more",
        lambda path, post, note, draft: problem(post)["properties"]["type"].update(enum=["b"]),
    ),
    (
        "POST /notes: the answer 409: `type` may be `c`",
        lambda path, post, note, draft: problem(post)["properties"]["type"]["enum"].append("c"),
    ),
    (
        "POST /notes: the answer 404 is new",
        lambda path, post, note, draft: post["responses"].update({"404": {}}),
    ),
    (
        "schema Note: what is answered: `mood` is new",
        lambda path, post, note, draft: note["properties"].update(mood={}),
    ),
    (
        "schema Note: what is answered: `title` has to be there",
        lambda path, post, note, draft: note["required"].append("title"),
    ),
    (
        "schema Note: what is answered: `title` was null or string, is string",
        lambda path, post, note, draft: note["properties"]["title"].update(type="string"),
    ),
    (
        "schema Note: what is answered: `state` may be `lost`",
        lambda path, post, note, draft: note["properties"]["state"]["enum"].append("lost"),
    ),
    (
        "schema Draft: what is sent: `mood` is new",
        lambda path, post, note, draft: draft["properties"].update(mood={}),
    ),
    (
        "schema Draft: what is sent: `title` may be missing",
        lambda path, post, note, draft: draft.pop("required"),
    ),
    (
        "schema Draft: what is sent: `title`: `maxLength` was 50, is 60",
        lambda path, post, note, draft: draft["properties"]["title"].update(maxLength=60),
    ),
    (
        "schema Draft: what is sent: `state` was string, is null or string",
        lambda path, post, note, draft: draft["properties"]["state"].update(
            type=["string", "null"]
        ),
    ),
]


def edited(edit: Edit) -> list[str]:
    """Return what is said of an edit of the document."""
    new = deepcopy(DOCUMENT)
    path = new["paths"]["/notes"]
    schemas = new["components"]["schemas"]
    edit(path, path["post"], schemas["Note"], schemas["Draft"])
    return [str(change) for change in web_changes(DOCUMENT, new)]


@pytest.mark.parametrize(("said", "edit"), BREAKING)
def test_what_callers_have_to_follow_is_breaking(said: str, edit: Edit) -> None:
    """The line names the operation or the schema, and what has become of it."""
    assert f"breaking: {said}" in edited(edit)


@pytest.mark.parametrize(("said", "edit"), COMPATIBLE)
def test_what_callers_can_overlook_is_compatible(said: str, edit: Edit) -> None:
    """The only line names it as new."""
    assert edited(edit) == [f"new: {said}"]


def test_a_shared_schema_is_told_of_once() -> None:
    """However many operations answer with it, its change is one line."""
    found = edited(lambda path, post, note, draft: note["properties"].pop("title"))
    assert found == ["breaking: schema Note: what is answered: `title` is gone"]


def test_the_document_is_the_same_on_every_machine(tmp_path: Path) -> None:
    """Neither the folder nor the limits of a deployment are in it; words for people are not."""
    one = web_document(Settings(home=tmp_path))
    other = web_document(
        Settings(home=Path("/elsewhere"), public_url="https://x.example", max_body_bytes=5_000)
    )
    assert one == other
    assert "/api/v1/qr/codes" in one["paths"]
    assert not {"info", "servers", "x-limits"} & one.keys()
    assert "summary" not in one["paths"]["/api/v1/qr/codes"]["get"]
