from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import QueuePool

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

CONTACTS = "/api/v1/contacts"
NOBODY = "00000000-0000-7000-8000-000000000000"
JSON = "application/json"
BODY_LIMIT = 1024 * 1024

#: Words that only a look behind the scenes shows.
INSIDE = ("Traceback", ".py", "sqlalchemy", "psycopg")
REQUESTS: list[tuple[str, int, dict[str, Any]]] = [
    ("unknown address", 404, {"path": "/api/v1/nothing"}),
    ("address outside of the API", 404, {"path": "/no"}),
    ("no UUID", 404, {"path": f"{CONTACTS}/17"}),
    ("unknown contact", 404, {"path": f"{CONTACTS}/{NOBODY}"}),
    ("method not allowed", 405, {"method": "DELETE"}),
    ("unknown parameter", 400, {"query_string": "colour=red"}),
    ("parameter of a list given twice", 400, {"query_string": "limit=1&limit=2"}),
    ("boolean that is neither true nor false", 400, {"query_string": "total=yes"}),
    (
        "parameter where there are none",
        400,
        {"path": f"{CONTACTS}/{NOBODY}", "query_string": "a=1"},
    ),
    ("parameter beside a body", 400, {"method": "POST", "json": {}, "query_string": "a=1"}),
    ("compressed body", 415, {"method": "POST", "json": {}, "headers": {"Content-Encoding": "br"}}),
    ("malformed parameter", 400, {"query_string": "limit=many"}),
    ("empty body", 400, {"method": "POST", "content_type": JSON}),
    ("half a document", 400, {"method": "POST", "content_type": JSON, "data": '{"name":'}),
    ("not UTF-8", 400, {"method": "POST", "content_type": JSON, "data": b'{"name":"\xff"}'}),
    ("UTF-16", 400, {"method": "POST", "content_type": JSON, "data": '{"a":1}'.encode("utf-16")}),
    ("not a number", 400, {"method": "POST", "content_type": JSON, "data": '{"name": NaN}'}),
    ("half a surrogate", 400, {"method": "POST", "content_type": JSON, "data": r'{"a":"\ud800"}'}),
    ("deep nesting", 400, {"method": "POST", "content_type": JSON, "data": "[" * 100_000}),
    ("huge number", 400, {"method": "POST", "content_type": JSON, "data": "1" * 100_000 + "x"}),
    ("no object", 422, {"method": "POST", "json": ["Ada"]}),
    ("empty object", 422, {"method": "POST", "json": {}}),
    ("form", 415, {"method": "POST", "data": {"name": "Ada"}}),
    ("text", 415, {"method": "POST", "content_type": "text/plain", "data": "{}"}),
    ("large body", 413, {"method": "POST", "content_type": JSON, "data": b" " * (BODY_LIMIT + 1)}),
]


def test_every_wrong_request_is_answered_with_a_problem(
    client: FlaskClient, workspace: WorkspaceUnderTest, subtests: pytest.Subtests
) -> None:
    """Errors have one shape (RFC 9457) whatever found them, and show nothing of the inside."""
    for name, status, request in REQUESTS:
        with subtests.test(name):
            arguments: dict[str, Any] = {"path": CONTACTS, **request}
            headers = workspace.headers | arguments.pop("headers", {})
            answer = client.open(headers=headers, **arguments)
            assert answer.status_code == status
            assert answer.content_type == "application/problem+json"
            document = answer.json
            assert document is not None
            assert set(document) - {"detail", "errors"} == {"type", "title", "status", "instance"}
            assert document["type"].startswith("urn:meishi:problem:")
            assert document["status"] == status
            assert document["instance"] == arguments["path"]
            assert not any(word in answer.text for word in INSIDE)


def test_unknown_addresses_and_methods_are_told_in_our_words(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Callers are programs: nothing is said of browsers or typing, in batches neither."""
    nothing = "There is nothing at this address."
    for path in ("/api/v1/nothing", f"{CONTACTS}/17"):
        answer = client.get(path, headers=workspace.headers)
        assert answer.json is not None
        assert answer.json["detail"] == nothing
    answer = client.delete(CONTACTS, headers=workspace.headers)
    assert answer.json is not None
    assert answer.json["detail"].startswith("This address does not know the method")
    assert "GET" in answer.headers["Allow"]
    batch = {"items": [{"method": "DELETE", "id": "17", "if_match": "*"}]}
    answer = client.post(f"{CONTACTS}:batch", json=batch, headers=workspace.headers)
    assert answer.json is not None
    assert answer.json["items"][0]["body"]["detail"] == nothing


@pytest.mark.parametrize("path", [CONTACTS, f"{CONTACTS}/imports"])
def test_body_of_unknown_length_is_refused(
    client: FlaskClient, workspace: WorkspaceUnderTest, path: str
) -> None:
    """Nobody could tell whether a chunked body was cut off, so 411 asks for its length."""
    whole = b'{"name": {"full": "Ada"}}'
    if path != CONTACTS:
        whole = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n"
    answer = client.post(
        path,
        input_stream=BytesIO(whole),
        content_type=JSON if path == CONTACTS else "text/vcard",
        headers=workspace.headers,
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 411
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:length-required"


def test_no_connection_is_held_while_a_body_comes_in(
    host: Host, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Who sends a body slowly keeps a thread waiting, but none of the database's connections."""
    held: list[int] = []
    pool = host.engine.pool
    assert isinstance(pool, QueuePool)
    checked_out = pool.checkedout

    class SlowBody(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            held.append(checked_out())
            return super().read(size)

        def readinto(self, buffer: Any) -> int:
            held.append(checked_out())
            return super().readinto(buffer)

    body = b'{"name": {"full": "Ada"}}'
    answer = client.post(
        CONTACTS,
        input_stream=SlowBody(body),
        content_type=JSON,
        content_length=len(body),
        headers=workspace.headers,
    )
    assert answer.status_code == 201
    assert set(held) == {0}


def test_two_slashes_are_another_address(client: FlaskClient) -> None:
    """Nobody is sent to where a forged Host header says."""
    for path in ("//p/some", "/p//some", "/C//CODE", "//api/v1/contacts"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 404, path
        assert "Location" not in answer.headers


def test_method_that_is_not_allowed_is_told_which_are(client: FlaskClient) -> None:
    """405 keeps its `Allow` header."""
    answer = client.delete(CONTACTS)
    assert answer.status_code == 405
    assert answer.allow == {"GET", "HEAD", "OPTIONS", "POST"}


def test_errors_of_single_values_point_to_them(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Each wrong value has a JSON pointer (RFC 6901), a code and a sentence."""
    document = {
        "name": {"given": 1},
        "emails": [{"address": "a@b"}, {"address": "a@b", "parameters": {"X/~": "y"}}],
        "a/b~": 1,
    }
    answer = client.post(CONTACTS, json=document, headers=workspace.headers)
    assert answer.status_code == 400
    assert answer.json is not None
    assert {(item["pointer"], item["code"]) for item in answer.json["errors"]} == {
        ("/name/full", "required"),
        ("/name/given", "invalid"),
        ("/emails/1/parameters/X~1~0", "invalid"),
        ("/a~1b~0", "unknown-field"),
    }


def test_every_answer_carries_the_safe_headers(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Success or error: nobody stores it, guesses its type or runs what is in it."""
    for path, status in [(CONTACTS, 200), ("/nothing", 404), ("/health", 200)]:
        answer = client.get(path, headers=workspace.headers)
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
