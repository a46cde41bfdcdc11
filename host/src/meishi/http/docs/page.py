"""The page itself: rendered once from the document, then sent as it is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files

import msgspec
from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from meishi.http.docs.document import Document, anchors, as_list, as_object, as_text
from meishi.http.docs.facts import Fact, facts_of
from meishi.http.docs.markup import inline, json_markup, path_markup, prose
from meishi.http.docs.operations import Operation, operations_of
from meishi.http.docs.schema_fields import Field, SchemaFields
from meishi.http.docs.type_names import TypeName, type_name

_PACKAGE = "meishi.http.docs"
_UNTAGGED = "Other operations"

_PROBLEM = {
    "type": "urn:meishi:problem:invalid-request",
    "title": "Bad Request",
    "status": 400,
    "instance": "/api/v1/contacts",
    "detail": "Some values are missing or wrong.",
    "errors": [
        {
            "pointer": "/query/limt",
            "code": "unknown-field",
            "message": "Unknown field. Did you mean `limit`?",
        },
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The operations of one tag."""

    anchor: str
    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSchema:
    """A schema of the document."""

    anchor: str
    name: str
    type: TypeName
    description: str
    facts: tuple[Fact, ...]
    fields: tuple[Field, ...]


class DocsPage:
    """Answers with the documentation of a web API.

    `document` is its OpenAPI 3.1 description, in JSON. The page loads nothing else, and runs
    nothing: the policy allows its one style sheet, by hash.
    """

    def __init__(self, document: bytes) -> None:
        self._document = document

    def answer(self) -> Response:
        """Return the page, or 304 to whoever has it already."""
        body, policy = self._rendered
        response = Response(body, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = policy
        response.cache_control.no_cache = True
        response.set_etag(sha256(body).hexdigest())
        response.make_conditional(request)
        return response

    @cached_property
    def _rendered(self) -> tuple[bytes, str]:
        """The page and its content security policy."""
        style = (files(_PACKAGE) / "templates" / "page.css").read_text("utf-8").strip()
        html = render(Document(msgspec.json.decode(self._document)), style)
        fingerprint = b64encode(sha256(style.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{fingerprint}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return html.encode(), policy


def render(document: Document, style: str) -> str:
    """Return the page of a document with a style sheet."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"prose": prose, "inline": inline, "path": path_markup, "json": json_markup}
    environment.filters.update(filters)
    info = as_object(document.content.get("info"))
    return environment.get_template("page.html").render(
        style=Markup(style),  # noqa: S704 (our own file)
        title=as_text(info.get("title")) or "Web API",
        version=as_text(info.get("version")),
        description=as_text(info.get("description")),
        openapi=as_text(document.content.get("openapi")),
        groups=list(_groups(document)),
        schemas=list(_schemas(document)),
        problem=msgspec.json.format(msgspec.json.encode(_PROBLEM), indent=2).decode(),
        problem_anchor=document.schema_anchors.get("Problem", ""),
    )


def _groups(document: Document) -> Iterator[Group]:
    """Yield the tags that have operations, in the order of the document; the untagged come last."""
    described = {
        as_text(tag.get("name")): as_text(tag.get("description"))
        for tag in map(as_object, as_list(document.content.get("tags")))
    }
    operations = list(operations_of(document))
    names = dict.fromkeys([*described, *(found.tag for found in operations)])
    ids = anchors("tag", names)
    for name in sorted(names, key=lambda name: name == ""):
        own = tuple(found for found in operations if found.tag == name)
        if own:
            yield Group(
                anchor=ids[name],
                name=name or _UNTAGGED,
                description=described.get(name, ""),
                operations=own,
            )


def _schemas(document: Document) -> Iterator[NamedSchema]:
    """Yield the schemas by name."""
    fields = SchemaFields(document)
    for name, schema in sorted(document.schemas.items(), key=lambda item: item[0].casefold()):
        found = as_object(schema)
        itself = frozenset({f"#/components/schemas/{name}"})
        yield NamedSchema(
            anchor=document.schema_anchors[name],
            name=name,
            type=type_name(document, schema),
            description=as_text(found.get("description")) or as_text(found.get("title")),
            facts=facts_of(found),
            fields=fields.of(schema, inside=itself),
        )
