"""Resources that leave as ready documents: entity tags and preconditions."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from meishi.http.documents import PreconditionRequired, document_response, wanted_versions
from meishi.sdk.contract import Document

DOCUMENT = Document(version=3, body=b'{"a":1}')


def tag_of(app: Flask, document: Document = DOCUMENT) -> str:
    """Return the entity tag of a document."""
    with app.test_request_context():
        return document_response(document).headers["ETag"]


def test_entity_tag_tells_version_and_representation(app: Flask) -> None:
    """It is strong, begins with the version, and differs where the representation does."""
    tag = tag_of(app)
    assert tag.startswith('"3.')
    assert tag == tag_of(app)
    assert tag != tag_of(app, Document(version=3, body=b'{"a":2}'))
    assert tag != tag_of(app, Document(version=4, body=DOCUMENT.body))


def test_document_leaves_as_it_is(app: Flask) -> None:
    """Not a byte is changed; caches ask again each time, and others than the caller's have none."""
    with app.test_request_context():
        response = document_response(DOCUMENT, status=201, location="/here")
    assert (response.status_code, response.data) == (201, DOCUMENT.body)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Location"] == "/here"


HELD: list[tuple[str, int]] = [
    ("{tag}", 304),
    ("W/{tag}", 304),
    ('"1.0", {tag}', 304),
    ('W/"x" , ,{tag},', 304),
    ("*", 304),
    (" * ", 304),
    ('"3.0"', 200),
    ('"{tag}"', 200),
    ("x{tag}", 200),
    ("{tag} {tag}", 200),
    ('{tag}, "open', 200),
    ("", 200),
]


@pytest.mark.parametrize(("header", "status"), HELD)
def test_who_has_the_representation_gets_304(app: Flask, header: str, status: int) -> None:
    """`If-None-Match` takes lists, weak tags and `*` (RFC 9110, 13.1.2); garbage names nothing."""
    headers = {"If-None-Match": header.format(tag=tag_of(app))}
    with app.test_request_context(headers=headers):
        response = document_response(DOCUMENT)
    assert response.status_code == status
    assert response.data == (b"" if status == 304 else DOCUMENT.body)
    assert response.headers["ETag"] == tag_of(app)


def test_answer_to_a_change_is_never_304(app: Flask) -> None:
    """`If-None-Match` is about readings: who changed something sees the result."""
    for method in ("POST", "PATCH", "PUT"):
        with app.test_request_context(method=method, headers={"If-None-Match": "*"}):
            assert document_response(DOCUMENT).status_code == 200


NAMED: list[tuple[str, tuple[int, ...] | None]] = [
    ('"3.ab"', (3,)),
    ('"3.ab", "4.00"', (3, 4)),
    ('"3.ab",, "4.00" ,', (3, 4)),
    ("*", None),
    (' "3.ab" ', (3,)),
    ('W/"3.ab"', ()),
    ('W/"3.ab", "4.00"', (4,)),
    ('"3"', ()),
    ('"3.xyz"', ()),
    ('"-3.ab"', ()),
    ('"\u0663.ab"', ()),
    ('"9999999999.ab"', ()),
]
MALFORMED = ["3.ab", 'x"3.ab"', '"3.ab" "4.00"', '"3.ab', '*, "3.ab"', "garbage", "", ","]


@pytest.mark.parametrize(("header", "versions"), NAMED)
def test_if_match_names_versions(app: Flask, header: str, versions: tuple[int, ...] | None) -> None:
    """Strong tags of our making count by their version, `*` is any; all else names none."""
    with app.test_request_context(headers={"If-Match": header}):
        assert wanted_versions() == versions


@pytest.mark.parametrize("header", MALFORMED)
def test_what_is_no_entity_tag_is_a_malformed_request(app: Flask, header: str) -> None:
    """Reading again would not help, so it is not told as a change of version."""
    with app.test_request_context(headers={"If-Match": header}), pytest.raises(BadRequest):
        wanted_versions()


def test_change_without_if_match_is_428(app: Flask) -> None:
    """Who says not what was read is asked to."""
    with app.test_request_context(), pytest.raises(PreconditionRequired) as caught:
        wanted_versions()
    assert caught.value.status == 428


def test_long_header_is_read_in_one_go(app: Flask) -> None:
    """A header of nothing but blanks and commas is as long to read as it is written."""
    header: Any = " , " * 20_000
    with app.test_request_context(headers={"If-Match": f"{header}x"}), pytest.raises(BadRequest):
        wanted_versions()
