"""The blueprint of the web API: flask-smorest's, typed, with a permission on every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from flask import Request
from flask.views import MethodView
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from meishi.http.problem_schema import ProblemSchema

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=MethodView)

#: Attribute under which a view method carries the name of the permission that it needs.
PERMISSION_ATTRIBUTE = "__meishi_permission__"


class _Parser(FlaskParser):
    """Refuses parameters that it does not know, and bodies that are not JSON (RFC 8259)."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (as the parser has it)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 (the parser's)
        """Return the document in the body; answer 415 or 400 where there is none.

        Stricter than the standard library's decoder: no NaN, no half of a surrogate pair.
        """
        if not req.is_json:
            raise UnsupportedMediaType("Send application/json.")
        try:
            return msgspec.json.decode(req.get_data())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error
        except RecursionError as error:
            raise BadRequest("The body is nested too deeply.") from error


class _SmorestBlueprint(SmorestBlueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = _Parser()


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
            self.rules.append((rule, view))
            return view

        return add

    def build(self) -> SmorestBlueprint:
        """Return a new flask-smorest blueprint for one application object."""
        built = _SmorestBlueprint(self.name, self.name, description=self.description)
        for rule, view in self.rules:
            built.add_url_rule(rule, view_func=view)
        return built

    def requires(self, permission: str) -> Callable[[F], F]:
        """Name the permission, without the plugin's prefix, that an operation needs."""

        def mark(view: F) -> F:
            setattr(view, PERMISSION_ATTRIBUTE, permission)
            return view

        return mark

    def arguments(
        self, schema: type[Schema], *, location: str = "json", example: Any = None
    ) -> Callable[[F], F]:
        """Validate a part of the request, and pass it on as the next positional argument.

        A wrong body is answered with 422, a wrong query is a malformed request: 400.
        """
        status = HTTPStatus.BAD_REQUEST if location == "query" else HTTPStatus.UNPROCESSABLE_ENTITY
        decorate: Callable[[F], F] = self._decorators.arguments(
            schema, location=location, example=example, error_status_code=status.value
        )
        return decorate

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

    def problem(self, status: int, description: str) -> Callable[[F], F]:
        """Document a problem that an operation may answer with."""
        decorate: Callable[[F], F] = self._decorators.alt_response(
            status,
            schema=ProblemSchema,
            content_type="application/problem+json",
            description=description,
        )
        return decorate

    def doc(self, **content: Any) -> Callable[[F], F]:
        """Add to the operation's OpenAPI description."""
        decorate: Callable[[F], F] = self._decorators.doc(**content)
        return decorate
