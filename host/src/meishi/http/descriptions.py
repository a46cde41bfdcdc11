"""What a blueprint says of its operations: what each answers with, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import msgspec
from flask import Response, request
from marshmallow import Schema, fields

from meishi.http.documented_headers import LOCATION, mark_conditional
from meishi.http.documents import (
    asked_versions,
    document_of,
    document_response,
    page_response,
    wanted_versions,
)
from meishi.http.includes import Include
from meishi.http.operation_schema import OperationSchema
from meishi.http.problem_schema import PROBLEM_TYPE, PROBLEMS_KEY, ProblemSchema
from meishi.http.selectables import Selectable, mark_selectable
from meishi.sdk.contract import Document, DocumentPage, DomainError, ListQuery

F = TypeVar("F", bound=Callable[..., Any])

#: Attribute under which a view method carries the name of the permission that it needs.
PERMISSION_ATTRIBUTE = "__meishi_permission__"

#: Attribute under which a view method carries why it may be called for any version of what it
#: changes; empty if `If-Match` says for which one.
UNCONDITIONAL_ATTRIBUTE = "__meishi_unconditional__"

#: Attribute of a view method that reads the query by itself, with `read_query`.
READS_QUERY_ATTRIBUTE = "__meishi_reads_query__"

#: Attribute of a view method that waits, and holds no connection meanwhile.
WAITS_ATTRIBUTE = "__meishi_waits__"

_OK = 200
_CREATED = 201
_NOT_MODIFIED = {304: {"description": "The caller has this version already (`If-None-Match`)"}}
_ENTITY_TAG = {
    "ETag": {
        "description": 'Version and hash of the representation: `"<version>.<hash>"`',
        "schema": {"type": "string"},
    }
}


class Descriptions:
    """The decorators that document an operation and make its answer."""

    _decorators: Any

    def requires(self, permission: str) -> Callable[[F], F]:
        """Name the permission, without the plugin's prefix, that an operation needs."""

        def mark(view: F) -> F:
            setattr(view, PERMISSION_ATTRIBUTE, permission)
            return view

        return mark

    def response(
        self,
        status: int,
        schema: type[Schema] | Mapping[str, Any] | None = None,
        *,
        content_type: str | None = None,
        description: str | None = None,
        example: Any = None,
    ) -> Callable[[F], F]:
        """Serialise the result of an operation and document it."""
        decorate: Callable[[F], F] = self._decorators.response(
            status, schema, content_type=content_type, description=description, example=example
        )
        return decorate

    def file(
        self, media_type: str, *, cached: bool = False, description: str | None = None
    ) -> Callable[[F], F]:
        """Document an operation that answers with a file; a `cached` one with 304, too."""
        is_text = media_type.startswith("text/") or media_type.endswith("+xml")
        schema = {"type": "string"} | ({} if is_text else {"format": "binary"})

        def decorate(operation: F) -> F:
            if cached:
                operation = self.doc(responses=_NOT_MODIFIED)(operation)
            describe: Callable[[F], F] = self.response(
                200, schema, content_type=media_type, description=description
            )
            return describe(operation)

        return decorate

    def document(
        self,
        schema: type[Schema],
        *,
        status: int = 200,
        includes: Sequence[Include] = (),
        existing: str | None = None,
    ) -> Callable[[F], F]:
        """Answer with the resource that an operation returns: entity tag, 304, and `Location`.

        It returns a `Document`, or an object with a `version` of which the schema makes one.
        What is created (201) is at the address of the request, with its `id` behind it. A ready
        `Response` goes out as it is. Who reads the resource may choose `fields`, and `include`
        what it is related to. What may be there already, and is answered with 200 and `Location`
        then, by a `document_response` of the operation's own, is described as `existing`.
        """
        shown = schema()

        def decorate(operation: F) -> F:
            @wraps(operation)
            def handle(*args: Any, **kwargs: Any) -> Response:
                found = operation(*args, **kwargs)
                return found if isinstance(found, Response) else _shown(found, shown, status)

            describe = self._decorators.response(status, schema, headers=_ENTITY_TAG)
            if existing is not None:
                handle = self._decorators.alt_response(
                    _OK,
                    schema=schema,
                    description=existing,
                    headers=_ENTITY_TAG | LOCATION,
                    success=True,
                )(handle)
            if operation.__name__ != "get":
                return cast("F", describe(handle))
            described = describe(self.doc(responses=_NOT_MODIFIED)(handle))
            return cast("F", mark_selectable(described, Selectable.of_resource(schema, includes)))

        return decorate

    def page(self, schema: type[Schema], *, includes: Sequence[Include] = ()) -> Callable[[F], F]:
        """Answer with the page that an operation returns for its `ListQuery`.

        It returns a `DocumentPage`, or an object with `items`, of which the schema makes
        documents, `next_after`, the id of the last of them (None on the last page), and `total`.
        A ready `Response` goes out as it is. Who reads it may choose `fields` of its items, and
        `include` what they are related to.
        """
        selectable = Selectable.of_page(schema, includes)
        listed = cast("fields.List[Any]", schema().fields["items"])
        item = cast("fields.Nested", listed.inner).schema

        def decorate(operation: F) -> F:
            @wraps(operation)
            def handle(view: Any, wanted: ListQuery, *args: Any, **kwargs: Any) -> Response:
                found = operation(view, wanted, *args, **kwargs)
                if isinstance(found, Response):
                    return found
                page = found if isinstance(found, DocumentPage) else _page(found, item)
                return page_response(page, wanted, resource=selectable.resource)

            describe = self._decorators.response(200, schema)
            return cast("F", mark_selectable(describe(handle), selectable))

        return decorate

    def accepted(self) -> Callable[[F], F]:
        """Document an operation of the API whose work goes on: it answers with `accepted`."""
        decorate: Callable[[F], F] = self._decorators.response(
            202, OperationSchema, headers=_ENTITY_TAG, description="The work goes on"
        )
        return decorate

    def preconditions(self, *, required: bool = True) -> Callable[[F], F]:
        """Refuse an operation without `If-Match` (428); `wanted_versions` says what is in it.

        Unless that is `required`, whoever sends none asks for whatever version there is:
        `asked_versions`.
        """
        read = wanted_versions if required else asked_versions

        def decorate(operation: F) -> F:
            @wraps(operation)
            def handle(*args: Any, **kwargs: Any) -> Any:
                read()
                return operation(*args, **kwargs)

            if required:
                setattr(handle, UNCONDITIONAL_ATTRIBUTE, "")
            return cast("F", mark_conditional(handle, required=required))

        return decorate

    def unconditional(self, why: str) -> Callable[[F], F]:
        """Say why PUT, PATCH or DELETE of a resource needs no `If-Match`."""

        def decorate(operation: F) -> F:
            setattr(operation, UNCONDITIONAL_ATTRIBUTE, why)
            return self.doc(**{"x-unconditional": why})(operation)

        return decorate

    def waits(self) -> Callable[[F], F]:
        """Let an operation of the host wait: while it runs, no connection is held for it.

        Who calls is found out before, in a transaction that ends; it opens its own.
        """

        def mark(view: F) -> F:
            setattr(view, WAITS_ATTRIBUTE, True)
            return view

        return mark

    def reads_query(self) -> Callable[[F], F]:
        """Leave the query to an operation of the host whose path says what it takes."""

        def mark(view: F) -> F:
            setattr(view, READS_QUERY_ATTRIBUTE, True)
            return view

        return mark

    def problem(
        self, what: int | type[DomainError], description: str | None = None
    ) -> Callable[[F], F]:
        """Document a problem that an operation may answer with: a declared error, or a status."""
        declared = None if isinstance(what, int) else what
        decorate: Callable[[F], F] = self._decorators.alt_response(
            what if declared is None else declared.status,
            schema=ProblemSchema,
            content_type=PROBLEM_TYPE,
            description=description or (declared and declared.title),
        )
        status = what if declared is None else declared.status
        code = {} if declared is None else {declared.code: declared.title}
        return lambda operation: documenting(decorate(operation), PROBLEMS_KEY, {str(status): code})

    def problems(self, *errors: type[DomainError]) -> Callable[[F], F]:
        """Document the declared errors that an operation may answer with."""

        def decorate(operation: F) -> F:
            for error in errors:
                operation = self.problem(error)(operation)
            return operation

        return decorate

    def doc(self, **content: Any) -> Callable[[F], F]:
        """Add to the operation's OpenAPI description."""
        decorate: Callable[[F], F] = self._decorators.doc(**content)
        return decorate


def documenting(operation: F, name: str, said: Any) -> F:
    """Add to the description of an operation that was decorated just now, and return it."""
    described = operation._apidoc.setdefault("manual_doc", {})  # type: ignore[attr-defined]
    if isinstance(said, dict):
        for key, more in said.items():
            described.setdefault(name, {}).setdefault(key, {}).update(more)
    else:
        described[name] = said
    return operation


class _Identified(msgspec.Struct):
    """What of a document says where it is."""

    id: str


def _shown(found: Any, schema: Schema, status: int) -> Response:
    document = found if isinstance(found, Document) else document_of(found, schema)
    location = None
    if status == _CREATED:
        location = f"{request.path}/{msgspec.json.decode(document.body, type=_Identified).id}"
    return document_response(document, status=status, location=location, resource=type(schema))


def _page(found: Any, item: Schema) -> DocumentPage:
    return DocumentPage(
        items=tuple(item.dumps(each).encode() for each in found.items),
        position=None if found.next_after is None else (str(found.next_after),),
        total=found.total,
    )
