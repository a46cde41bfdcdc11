from __future__ import annotations

from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meishi.http.limits.sizes import MAX_ADDRESS, MAX_DEPTH, MAX_PARAMETERS, is_too_deep
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.packages import PluginPackages

from ..conftest import Degraded
from .conftest import Limited

CONTACTS = "/api/v1/contacts"
JSON = {"Content-Type": "application/json"}

documents = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\a', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text('[{"\\'), inner, max_size=2)
    ),
    max_leaves=60,
)


def depth_of(value: Any) -> int:
    """Return how many arrays and objects of a document stand inside of each other."""
    if not isinstance(value, list | dict):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth_of, inside), default=0)


@given(document=documents, more=st.integers(0, MAX_DEPTH + 2), braces=st.booleans())
def test_depth_is_counted_without_decoding(document: Any, more: int, braces: bool) -> None:
    """Brackets in strings do not count, whatever is escaped there; all others do."""
    for _ in range(more):
        document = {'"]': document, "[": "}"} if braces else [document, "["]
    assert is_too_deep(msgspec.json.encode(document)) is (depth_of(document) > MAX_DEPTH)


@pytest.mark.parametrize("pair", [b"[]", b"{}"])
def test_depth_ends_where_it_is_said_to(pair: bytes) -> None:
    """As many storeys as are allowed, beside as much as one likes, and not one more."""
    opening, closing = pair[:1], pair[1:]
    beside = pair * 100
    assert not is_too_deep(beside + opening * MAX_DEPTH + closing * MAX_DEPTH + beside)
    assert is_too_deep(beside + opening * (MAX_DEPTH + 1) + closing * (MAX_DEPTH + 1) + beside)


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 500_000, b"[" * 1_000_000, b"[]" * 500_000, b'["' * 500_000]
)
def test_no_text_takes_long_to_look_at(body: bytes) -> None:
    """A text without an end is looked through once; a quadratic search would take minutes."""
    assert not is_too_deep(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_deep_nesting_is_refused(
    client: FlaskClient, workspace: WorkspaceUnderTest, body: bytes
) -> None:
    """The problem has a type of its own, whether the document has an end or not."""
    answer = client.post(CONTACTS, data=body, headers=workspace.headers | JSON)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:nested-too-deeply"


def test_json_has_a_limit_of_its_own(limited: Limited, workspace: WorkspaceUnderTest) -> None:
    """Large JSON is 413 before it is read; a file of that size is not."""
    client = limited(max_json_bytes=2000, max_body_bytes=10_000)
    note = {"name": {"full": "Anna"}, "note": "x" * 2000}
    answer = client.post(CONTACTS, json=note, headers=workspace.headers)
    assert answer.status_code == 413
    assert answer.json is not None
    assert "2000 bytes" in answer.json["detail"]
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nNOTE:" + b"x" * 2000 + b"\r\nEND:VCARD\r\n"
    headers = workspace.headers | {"Content-Type": "text/vcard"}
    assert client.post(f"{CONTACTS}/imports", data=card, headers=headers).status_code == 201
    large = client.post(f"{CONTACTS}/imports", data=card * 6, headers=headers)
    assert large.status_code == 413


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{CONTACTS}/{'x' * MAX_ADDRESS}", 414, "uri-too-long"),
        (f"{CONTACTS}?q={'x' * MAX_ADDRESS}", 414, "uri-too-long"),
        (f"{CONTACTS}?{'a=1&' * MAX_PARAMETERS}", 400, "too-many-parameters"),
    ],
)
def test_long_addresses_are_refused(
    client: FlaskClient, workspace: WorkspaceUnderTest, path: str, status: int, code: str
) -> None:
    """Nobody looks at what stands in an address that is too long, or has too many parameters."""
    answer = client.get(path, headers=workspace.headers)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["type"].endswith(code)


PLUGIN = """
from flask.views import MethodView
from marshmallow import Schema, fields
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, hookimpl
blueprint = Blueprint("depot", description="Depot")
class BoxSchema(Schema):
    label = fields.String()
@blueprint.route("/many")
class Many(MethodView):
    @blueprint.requires("use")
    @blueprint.arguments(BoxSchema, max_bytes=4_000_000)
    @blueprint.response(204)
    def post(self, document):
        "Put many boxes there."
@blueprint.route("/one")
class One(MethodView):
    @blueprint.requires("use")
    @blueprint.arguments(BoxSchema)
    @blueprint.response(204)
    def post(self, document):
        "Put a box there."
@hookimpl
def permissions():
    return [Permission(name="use", title="Use")]
@hookimpl
def routes():
    return [blueprint]
"""


def test_an_operation_may_have_a_limit_of_its_own(
    packages: PluginPackages, degraded: Degraded, workspace: WorkspaceUnderTest
) -> None:
    """What many items need is allowed where it is declared, and said in the document."""
    packages.add("depot", plugin=PLUGIN, api_prefix="depot")
    with degraded("depot") as app:
        client = app.test_client()
        document = client.get("/api/openapi.json").json
        statuses = {
            (name, size): client.post(
                f"/api/v1/depot/{name}", json={"label": "x" * size}, headers=workspace.headers
            ).status_code
            for name in ("one", "many")
            for size in (1_000, 2_000_000, 5_000_000)
        }
    assert statuses == {
        ("one", 1_000): 204,
        ("one", 2_000_000): 413,
        ("one", 5_000_000): 413,
        ("many", 1_000): 204,
        ("many", 2_000_000): 204,
        ("many", 5_000_000): 413,
    }
    assert document is not None
    assert document["paths"]["/api/v1/depot/many"]["post"]["x-max-bytes"] == 4_000_000
