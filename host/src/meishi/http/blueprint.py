"""The blueprint of the web API: flask-smorest's, typed, with a permission on every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

import msgspec
from flask import Request, request
from flask.views import MethodView
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from meishi.http.limits.sizes import NestedTooDeeply, allow_json_bytes, read_json_body
from meishi.http.problem_schema import (
    PROBLEM_TYPE,
    PROBLEMS_KEY,
    UNKNOWN_FIELD,
    ProblemSchema,
)
from meishi.sdk.contract import DomainError

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=MethodView)

#: How a query says yes and no.
BOOLEANS = frozenset({"true", "false"})

#: Attribute under which a view method carries the name of the permission that it needs.
PERMISSION_ATTRIBUTE = "__meishi_permission__"

_NOT_MODIFIED = {304: {"description": "The caller has this version already (`If-None-Match`)"}}
_ENTITY_TAG = {
    "ETag": {
        "description": 'Version and hash of the representation: `"<version>.<hash>"`',
        "schema": {"type": "string"},
    }
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of what was read; `*` changes whatever is there.",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[^"]*"( *, *(W/)?"[^"]*")*)$'},
    "example": '"1.0123456789abcdef"',
}


class _Parser(FlaskParser):
    """Refuses parameters that are unknown or ambiguous, and bodies that are not JSON (RFC 8259)."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (as the parser has it)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query's parameters, each said once unless the schema wants a list."""
        found = super().load_querystring(req, schema)
        wrong: dict[str, list[str]] = {}
        known = {field.data_key or name: field for name, field in schema.load_fields.items()}
        for name, values in req.args.lists():
            if name not in known:
                close = get_close_matches(name, known, n=1)
                hint = f" Did you mean `{close[0]}`?" if close else ""
                wrong[name] = [f"{UNKNOWN_FIELD}{hint}"]
            elif len(values) > 1 and name not in found.multiple_keys:
                wrong[name] = ["Given more than once."]
            elif isinstance(known[name], fields.Boolean) and values[0] not in BOOLEANS:
                wrong[name] = ["Not a valid boolean."]
        if wrong:
            raise ValidationError(wrong)
        return found

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 (the parser's)
        """Return the document in the body; answer 415 or 400 where there is none.

        Stricter than the standard library's decoder: no NaN, no half of a surrogate pair.
        """
        if not req.is_json:
            raise UnsupportedMediaType("Send application/json.")
        try:
            return msgspec.json.decode(read_json_body())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error
        except RecursionError as error:
            raise NestedTooDeeply("The body has no end to its brackets.") from error


_PARSER = _Parser()


class _SmorestBlueprint(SmorestBlueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = _PARSER


class Blueprint:
    """Routes of one plugin; the host mounts them under the plugin's prefix.

    It is a declaration: views and documentation, decorated by flask-smorest, are kept here,
    and every application object builds a blueprint of its own from it. Schemas given to
    `arguments` validate the request, those given to `response` serialise the result.
    """

    def __init__(self, name: str, *, description: str) -> None:
        self.name = name
        self.description = description
        self.rules: list[tuple[str, type[MethodView]]] = []
        self._decorators: Any = _SmorestBlueprint(name, name)

    def route(self, rule: str) -> Callable[[type[V]], type[V]]:
        """Serve a MethodView at `rule`, relative to the plugin's prefix."""

        def add(view: type[V]) -> type[V]:
            # What is no view, or lacks a function, is refused by name when it is mounted.
            for method in getattr(view, "methods", None) or ():
                operation = getattr(view, method.lower(), None)
                if operation is not None and query_schema(operation) is None:
                    setattr(view, method.lower(), _without_query(operation))
            self.rules.append((rule, view))
            return view

        return add

    def views(self) -> Iterator[tuple[str, str, type[MethodView]]]:
        """Yield endpoint, rule and class of each view; the endpoint is unique in here."""
        for position, (rule, view) in enumerate(self.rules):
            yield str(position), rule, view

    def build(self) -> SmorestBlueprint:
        """Return a new flask-smorest blueprint for one application object."""
        built = _SmorestBlueprint(self.name, self.name, description=self.description)
        for endpoint, rule, view in self.views():
            built.add_url_rule(rule, endpoint, view)
        return built

    def requires(self, permission: str) -> Callable[[F], F]:
        """Name the permission, without the plugin's prefix, that an operation needs."""

        def mark(view: F) -> F:
            setattr(view, PERMISSION_ATTRIBUTE, permission)
            return view

        return mark

    def arguments(
        self,
        schema: type[Schema],
        *,
        location: str = "json",
        example: Any = None,
        content_type: str | None = None,
        max_bytes: int | None = None,
    ) -> Callable[[F], F]:
        """Validate a part of the request, and pass it on as the next positional argument.

        A wrong body is answered with 422, a wrong query is a malformed request: 400. `max_bytes`
        takes the place of the setting `max_json_bytes`.
        """
        status = HTTPStatus.BAD_REQUEST if location == "query" else HTTPStatus.UNPROCESSABLE_ENTITY
        decorate: Callable[[F], F] = self._decorators.arguments(
            schema(),  # once: given the class, every request would build it and all it nests
            location=location,
            example=example,
            content_type=content_type,
            error_status_code=status.value,
        )
        return decorate if max_bytes is None else _allowing(max_bytes, decorate)

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
        return lambda operation: _documenting(
            decorate(operation), PROBLEMS_KEY, {str(status): code}
        )

    def problems(self, *errors: type[DomainError]) -> Callable[[F], F]:
        """Document the declared errors that an operation may answer with."""

        def decorate(operation: F) -> F:
            for error in errors:
                operation = self.problem(error)(operation)
            return operation

        return decorate

    def document(self, schema: type[Schema], *, status: int = 200) -> Callable[[F], F]:
        """Document an operation that answers with `document_response`: entity tag and 304."""

        def decorate(operation: F) -> F:
            if operation.__name__ == "get":
                operation = self.doc(responses=_NOT_MODIFIED)(operation)
            describe: Callable[[F], F] = self._decorators.response(
                status, schema, headers=_ENTITY_TAG
            )
            return describe(operation)

        return decorate

    def preconditions(self) -> Callable[[F], F]:
        """Document an operation that asks `wanted_versions` which version it is meant for."""
        return self.doc(parameters=[_IF_MATCH])

    def doc(self, **content: Any) -> Callable[[F], F]:
        """Add to the operation's OpenAPI description."""
        decorate: Callable[[F], F] = self._decorators.doc(**content)
        return decorate


def query_schema(operation: Callable[..., Any]) -> Schema | None:
    """Return the schema of an operation's query, None if it knows no parameters."""
    documented = getattr(operation, "_apidoc", {}).get("arguments", {}).get("parameters", ())
    return next((found["schema"] for found in documented if found["in"] == "query"), None)


def _without_query(operation: F) -> F:
    """Wrap an operation that knows no parameters, so that it refuses them all."""

    @wraps(operation)
    def handle(*args: Any, **kwargs: Any) -> Any:
        if request.args:
            status = HTTPStatus.BAD_REQUEST.value
            _PARSER.parse(Schema(), request, location="query", error_status_code=status)
        return operation(*args, **kwargs)

    return cast("F", handle)


def _allowing(max_bytes: int, decorate: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that lets the body of an operation have another size than is usual."""

    def decorate_allowing(operation: F) -> F:
        validated = decorate(operation)

        @wraps(validated)
        def handle(*args: Any, **kwargs: Any) -> Any:
            allow_json_bytes(max_bytes)
            return validated(*args, **kwargs)

        return _documenting(cast("F", handle), "x-max-bytes", max_bytes)

    return decorate_allowing


def _documenting(operation: F, name: str, said: Any) -> F:
    """Add to the description of an operation that was decorated just now, and return it."""
    described = operation._apidoc.setdefault("manual_doc", {})  # type: ignore[attr-defined]
    if isinstance(said, dict):
        for key, more in said.items():
            described.setdefault(name, {}).setdefault(key, {}).update(more)
    else:
        described[name] = said
    return operation
