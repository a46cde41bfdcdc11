"""Resources that leave as ready documents: entity tags, preconditions, pages of lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

import msgspec
from flask import Response, request
from marshmallow import Schema
from werkzeug.exceptions import BadRequest
from werkzeug.urls import iri_to_uri

from meishi.http.cursors import AFTER
from meishi.http.extensions import added_values, with_added
from meishi.http.lists import Cursor
from meishi.http.representations import entity_tag, unfinished_documents
from meishi.http.selections import current_selection
from meishi.lifecycle.extension_faults import EXTENSIONS
from meishi.sdk.contract import Document, DocumentPage, DomainError, ListQuery

JSON = "application/json"

#: One item of a list of entity tags (RFC 9110, 8.8.3 and 5.6.1); it may be empty.
_ENTITY_TAG = re.compile(r'[ \t]*(?:(W/)?"([^"]*)"[ \t]*)?(?:,|$)')
_VERSION = re.compile(r"([0-9]{1,9})\.[0-9a-f]+")


class PreconditionRequired(DomainError):
    """The change does not say which version it is meant for."""

    code = "precondition-required"
    title = "Precondition required"
    status = 428


class Versioned(Protocol):
    """A resource of a contract, as it was at some version."""

    @property
    def version(self) -> int:
        """How often it was changed."""
        ...


def document_of(found: Versioned, schema: Schema) -> Document:
    """Return a resource as a schema shows it."""
    return Document(version=found.version, body=schema.dumps(found).encode())


def document_response(
    document: Document,
    *,
    status: int = 200,
    location: str | None = None,
    resource: type[Schema] | None = None,
) -> Response:
    """Answer with a document and its entity tag; with 304 to a caller who has it already.

    Of the document there is what the caller chose (`fields`, `include`), and what other plugins
    add to it if `resource` is its schema; the tag is that of it all.
    """
    selection, added = current_selection(), added_values(resource)
    if added and selection.shows(EXTENSIONS):
        unfinished = unfinished_documents()
        if unfinished is not None and resource is not None:
            response = _answer(document, document.body, status, location)
            unfinished.add(response, document, resource)
            return response
        (body,) = with_added(added, [document.body])
    else:
        body = document.body
    return _answer(document, selection.of_resource(body), status, location)


def _answer(document: Document, body: bytes, status: int, location: str | None) -> Response:
    tag = entity_tag(document, body)
    response = Response(body, status, content_type=JSON)
    if _is_held(tag):
        response = Response(status=304)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    if location is not None:
        response.headers["Location"] = location
    return response


def page_response(
    page: DocumentPage,
    wanted: ListQuery,
    *,
    resource: type[Schema] | None = None,
    incomplete: Sequence[str] = (),
) -> Response:
    """Answer with a part of a list; `next_after` and the header `Link` lead to the next one.

    Of its items there is what `document_response` would show of them. `incomplete` names who could
    not be asked, so that items of theirs may be missing.
    """
    cursor = None if page.position is None else Cursor.of(wanted, page.position).encode()
    selection, added = current_selection(), added_values(resource)
    bodies: Sequence[bytes] = page.items
    if added and selection.shows(EXTENSIONS):
        bodies = with_added(added, bodies)
    items, related = selection.of_page(bodies)
    body = bytearray(b'{"items":[')
    body += b",".join(items)
    body += b'],"next_after":' + msgspec.json.encode(cursor)
    if page.total is not None:
        body += b',"total":%d' % page.total
    if related is not None:
        body += b',"included":' + related
    if incomplete:
        body += b',"incomplete":' + msgspec.json.encode(incomplete)
    body += b"}"
    response = Response(bytes(body), content_type=JSON)
    response.headers["Link"] = _links(cursor)
    return response


def _links(cursor: str | None) -> str:
    """Return where the next page is and where the first one, of the list as it was asked for."""
    path = iri_to_uri(request.path)
    kept = [
        f"{_quoted(name)}={_quoted(value)}"
        for name, value in request.args.items(multi=True)
        if name != AFTER
    ]
    first = f'<{path}{"?" if kept else ""}{"&".join(kept)}>; rel="first"'
    if cursor is None:
        return first
    return f'<{path}?{"&".join([*kept, f"{AFTER}={cursor}"])}>; rel="next", {first}'


def wanted_versions() -> tuple[int, ...] | None:
    """Return the versions that `If-Match` names, None for any; answer 428 without the header.

    Of an entity tag the version counts, not the hash: another representation of the same
    version may be changed. A weak tag, or one of somebody else's making, names no version. What
    is no entity tag at all is answered with 400.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired("Send `If-Match` with the `ETag` of what you have read.")
    return _versions(header)


def asked_versions() -> tuple[int, ...] | None:
    """Return the versions that `If-Match` names, as `wanted_versions`; None without the header."""
    header = request.headers.get("If-Match")
    return None if header is None else _versions(header)


def _versions(header: str) -> tuple[int, ...] | None:
    if header.strip() == "*":
        return None
    tags = _tags(header)
    if not tags:
        raise BadRequest("`If-Match` must be an `ETag` as it was sent, in its quotes, or `*`.")
    return tuple(
        int(found[1]) for weak, tag in tags if not weak and (found := _VERSION.fullmatch(tag))
    )


def _is_held(tag: str) -> bool:
    """Whether the caller of a GET has this representation."""
    header = request.headers.get("If-None-Match")
    if header is None or request.method not in {"GET", "HEAD"}:
        return False
    return header.strip() == "*" or any(f'"{found}"' == tag for _, found in _tags(header))


def _tags(header: str) -> list[tuple[bool, str]]:
    """Return the tags of a header, each with whether it is weak; none of a malformed one."""
    tags: list[tuple[bool, str]] = []
    place = 0
    while place < len(header):
        found = _ENTITY_TAG.match(header, place)
        if found is None:
            return []
        if found[2] is not None:
            tags.append((found[1] is not None, found[2]))
        place = found.end()
    return tags


def _quoted(text: str) -> str:
    return quote(text, safe="")
