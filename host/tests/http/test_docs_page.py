from __future__ import annotations

import re
import shlex
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from meishi.http.docs.document import Document
from meishi.http.docs.examples import example_of
from meishi.http.docs.page import DocsPage

VOID = {"meta", "wbr", "link", "br", "img", "hr", "input"}
MARKUP = "<script>alert('x')</script> & <b style=\"x\">"


class Page(HTMLParser):
    """What a browser finds in a page; every element must be closed where it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.articles: dict[str, str] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and that it is open."""
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "article":
            self.articles[dict(attrs)["aria-labelledby"] or ""] = ""

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last, and no other."""
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        """Note a text with the elements around it."""
        self.texts.append((tuple(self.open), data))
        if "article" in self.open:
            last = next(reversed(self.articles))
            self.articles[last] += data

    def values(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [found[attribute] or "" for _, found in self.elements if attribute in found]

    def text(self, *within: str) -> str:
        """Return the text inside elements of these names."""
        return "".join(text for open_, text in self.texts if set(within) <= set(open_))


def read(client: FlaskClient) -> Page:
    """Return the page as anybody gets it."""
    answer = client.get("/api/docs")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    return Page(answer.text)


def page_of(document: dict[str, Any]) -> Page:
    """Return the page of any document."""
    app = Flask("docs", static_folder=None)
    app.add_url_rule("/api/docs", "docs", DocsPage(msgspec.json.encode(document)).answer)
    return read(app.test_client())


def described(schemas: dict[str, Any] | None = None, **operation: Any) -> dict[str, Any]:
    """Return a small document of one operation."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Third", "version": "1"},
        "paths": {"/api/v1/third/{thing id}": {"post": {"responses": {}, **operation}}},
        "components": {"schemas": schemas or {}},
    }


def answering(schema: Any) -> dict[str, Any]:
    """Return the members of an operation that answers with a schema and takes it, too."""
    content = {"content": {"application/json": {"schema": schema}}}
    return {"requestBody": content, "responses": {"200": {"description": "OK", **content}}}


def assert_sound(page: Page) -> None:
    """Ids are unique, links within the page lead somewhere, headings skip no level."""
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href") if link.startswith("#")} <= set(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def test_every_operation_is_on_the_page(client: FlaskClient) -> None:
    """Method, path, summary, permission, parameters and responses of each are told."""
    document = client.get("/api/openapi.json").get_json()
    read_document = Document(document)
    page = read(client)
    for path, item in document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} & set(item):
            operation = item[method]
            text = page.articles[f"operation-{operation['operationId']}"]
            assert f"{method.upper()} {path}" in text
            assert operation["summary"].rstrip(".").replace("`", "") in text
            assert f"Permission {operation['x-permission']}" in text
            for node in [*item.get("parameters", ()), *operation.get("parameters", ())]:
                parameter = read_document.resolve(node)
                assert f"{parameter['name']} {parameter['in']}" in text
            for status, node in operation["responses"].items():
                response = read_document.resolve(node)
                assert f"{status} {response['description'].replace('`', '')}" in text
            for media in operation.get("requestBody", {}).get("content", ()):
                assert media in text
            assert "curl" in text
    assert_sound(page)


def test_every_schema_is_on_the_page(client: FlaskClient) -> None:
    """Each schema has its section, in which each of its fields stands."""
    schemas = client.get("/api/openapi.json").get_json()["components"]["schemas"]
    page = read(client)
    assert schemas
    for name, schema in schemas.items():
        text = page.articles[f"schema-{name}"]
        assert all(re.search(rf"\b{field}\b", text) for field in schema["properties"]), name


def test_page_needs_no_token_and_loads_nothing(client: FlaskClient) -> None:
    """No script, and no address other than the page's own anchors and the document beside it."""
    page = read(client)
    assert "<script" not in page.html
    assert not page.values("src")
    assert {link for link in page.values("href") if not link.startswith("#")} == {"openapi.json"}
    assert not page.values("style")
    assert not re.search(r"url\(|@import", page.text("style"))


def test_policy_allows_the_page_its_style_alone(client: FlaskClient) -> None:
    """The hash in the policy is that of the one style element; the other headers are as ever."""
    headers = client.get("/api/docs").headers
    page = read(client)
    digest = b64encode(sha256(page.text("style").encode()).digest()).decode()
    assert [tag for tag, _ in page.elements].count("style") == 1
    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_page_is_sent_again_only_when_it_changed(client: FlaskClient) -> None:
    """A browser asks each time, by a strong tag of the content; HEAD says the same as GET."""
    answer = client.get("/api/docs")
    tag = answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert tag == f'"{sha256(answer.data).hexdigest()}"'
    again = client.get("/api/docs", headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get("/api/docs", headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head("/api/docs")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    assert head.content_length == len(answer.data)


def test_page_takes_no_other_method(client: FlaskClient) -> None:
    """A request that would change the page is a problem that names what is allowed."""
    answer = client.post("/api/docs")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_markup_in_a_document_is_shown_as_text() -> None:
    """Whoever wrote a description, a name or an example puts no element on the page."""
    schema = {
        "description": MARKUP,
        "properties": {MARKUP: {"description": MARKUP, "enum": [MARKUP], "pattern": MARKUP}},
    }
    parameter = {"name": MARKUP, "in": MARKUP, "description": MARKUP, "schema": schema}
    document = described(
        {MARKUP: schema},
        summary=MARKUP,
        description=f"`{MARKUP}`",
        tags=[MARKUP],
        operationId=MARKUP,
        parameters=[parameter],
        responses={MARKUP: {"description": MARKUP, "headers": {MARKUP: {"schema": schema}}}},
        requestBody={
            "content": {MARKUP: {"schema": schema}, "application/json": {"example": MARKUP}}
        },
        **{"x-permission": MARKUP},
    )
    document["info"] = {"title": MARKUP, "version": MARKUP, "description": MARKUP}
    document["paths"][f"/{MARKUP}"] = {"get": {}}
    page = page_of(document)
    assert_sound(page)
    assert not {"script", "b"} & {tag for tag, _ in page.elements}
    assert page.html.count("&lt;script&gt;") > 20
    assert MARKUP in page.text("p", "code")


def test_schema_that_refers_to_itself_comes_to_an_end() -> None:
    """Fields are shown as deep as asked for, and an example stops where it would begin again."""
    node = {"$ref": "#/components/schemas/Node"}
    schemas = {
        "Node": {
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "parent": node,
                "children": {"type": "array", "items": node},
            },
        },
        "Self": {"$ref": "#/components/schemas/Self"},
        "Both": {"allOf": [{"$ref": "#/components/schemas/Both"}, node]},
    }
    page = page_of(described(schemas, **answering(node)))
    assert_sound(page)
    assert page.articles["schema-Node"].count("array of Node") == 1
    assert '"children": []' in page.text("article", "pre")
    document = Document(described(schemas))
    assert example_of(document, node, answer=True) == {"name": "string", "children": []}
    assert example_of(document, schemas["Self"], answer=True) is not None


def test_wide_schemas_do_not_grow_without_bound() -> None:
    """Schemas that hold each other many times over give an example that one can still read."""
    schemas = {
        f"S{level}": {
            "properties": {
                f"p{number}": {"$ref": f"#/components/schemas/S{level + 1}"} for number in range(9)
            }
        }
        for level in range(8)
    }
    page = page_of(
        described(
            schemas | {"S8": {"type": "string"}}, **answering({"$ref": "#/components/schemas/S0"})
        )
    )
    assert len(page.html) < 500_000


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": ["string", "null"], "maxLength": 5}, "string or null at most 5 characters"),
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({"enum": ["a", 1, None]}, 'string or integer or null one of "a" 1 null'),
        ({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/A"}]}, "string or A"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"allOf": [{"$ref": "#/components/schemas/A"}, {"required": ["a"]}]}, "A and object"),
        ({"additionalProperties": {"type": "number"}}, "map of number"),
        ({"type": "integer", "minimum": 1, "maximum": 9, "default": 3}, "integer default 3 1 to 9"),
        ({"type": "string", "readOnly": True, "pattern": "^a$"}, "string pattern ^a$ read only"),
        ({"const": {"a": [1]}}, 'object always {"a":[1]}'),
        ({"prefixItems": [{"type": "string"}]}, "array"),
        ({"$ref": "#/components/schemas/Nowhere"}, "any"),
        ({"$ref": "https://example.com/schema"}, "any"),
        (True, "any"),
        (False, "nothing"),
        ({}, "any"),
    ],
)  # fmt: skip
def test_types_and_limits_are_said_in_words(schema: Any, words: str) -> None:
    """What a value may be stands beside its name, whichever way the schema says it."""
    schemas = {"A": {"properties": {"a": schema}}}
    page = page_of(described(schemas, **answering(schema)))
    assert_sound(page)
    assert " ".join(f"a {words}".split()) in " ".join(page.articles["schema-A"].split())


def test_fields_in_common_belong_to_the_schema() -> None:
    """What `allOf` adds from another schema is listed, and stands in the example."""
    base = {
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "date"}, "more": {"type": "boolean"}},
    }
    own = {"required": ["on"], "properties": {"on": {"const": 7}}}
    child = {"allOf": [{"$ref": "#/components/schemas/Base"}, own, {"required": ["more"]}]}
    schemas = {"Base": base, "Child": child}
    page = page_of(described(schemas))
    told = " ".join(page.articles["schema-Child"].split())
    assert "id string (date) required more boolean required on integer required always 7" in told
    assert example_of(Document(described(schemas)), child, answer=True) == {
        "id": "2026-01-31",
        "more": True,
        "on": 7,
    }


def test_null_is_an_example_where_it_is_called_one() -> None:
    """A default of null tells nothing of a text; a member that is usually null may say so."""
    schema = {"type": ["string", "null"], "default": None}
    assert example_of(Document({}), schema, answer=True) == "string"
    assert example_of(Document({}), schema | {"example": None}, answer=True) is None


def test_example_leaves_out_what_the_side_does_not_send() -> None:
    """A request has nothing that is read only, an answer nothing that is write only."""
    schema = {
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
        }
    }
    document = Document({})
    assert example_of(document, schema, answer=False) == {"secret": "string"}
    assert example_of(document, schema, answer=True) == {"id": 1}


def test_command_is_one_that_a_shell_understands() -> None:
    """Address, token and body come out of the quoting as they went in."""
    document = described(
        requestBody={"content": {"application/json": {"example": {"it's": '"$HOME"'}}}},
        parameters=[
            {"name": "a b", "in": "query", "required": True, "example": "x&y"},
            {"name": "If-Match", "in": "header", "required": True, "example": '"3"'},
        ],
        responses={"200": {"description": "", "content": {"image/png": {}}}},
    )
    document["security"] = [{"token": []}]
    page = page_of(document)
    command = next(text for _, text in page.texts if text.startswith("curl"))
    assert shlex.split(command.replace("\\\n", "")) == [
        "curl", "-X", "POST", "$BASE/api/v1/third/$THING_ID?a+b=x%26y",
        "-H", "Authorization: Bearer $TOKEN",
        "-H", 'If-Match: "3"',
        "-H", "Content-Type: application/json",
        "-d", '{"it\'s":"\\"$HOME\\""}',
        "--output", "answer.png",
    ]  # fmt: skip


def test_bare_document_has_a_page() -> None:
    """Without summaries, tags, schemas or anything at all there is still something to read."""
    assert_sound(page_of({}))
    long = "x" * 3000
    document = described({long: {"properties": {long: True}}})
    document["paths"][f"/{long}"] = {"get": {}, "parameters": [{"name": long}], "summary": "both"}
    page = page_of(document)
    assert_sound(page)
    assert f"GET /{long}" in page.text("h3")
    assert "Other operations" in page.text("h2")


def test_operations_that_share_a_name_or_a_reference_stay_apart() -> None:
    """Parameters, bodies and responses may be kept among the components; ids stay unique."""
    document = described(operationId="same")
    shared = {"$ref": "#/components/responses/Gone"}
    document["paths"]["/a~b/c"] = {"get": {"operationId": "same", "responses": {"410": shared}}}
    document["paths"]["/d"] = {"$ref": "#/paths/~1a~0b~1c"}
    document["components"]["responses"] = {"Gone": {"description": "Not there any more"}}
    page = page_of(document)
    assert_sound(page)
    assert len(page.articles) == 3
    assert page.text("article").count("Not there any more") == 2


KEYWORDS = """
$ref type items properties required allOf oneOf enum const default minimum pattern
additionalProperties prefixItems description format content schema example name in
parameters responses requestBody headers tags security get post
""".split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(odd=JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_document_the_page_is_sound(odd: Any) -> None:
    """A plugin's mistake spoils neither the page nor what others wrote on it."""
    document = described({"Odd": odd, "Good": {"type": "string"}}, **answering(odd))
    document["paths"]["/odd"] = odd
    document["paths"]["/odder"] = {"get": odd}
    page = page_of(document)
    assert_sound(page)
    assert "string" in page.articles["schema-Good"]
