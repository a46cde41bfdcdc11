"""The blueprint of the web API: flask-smorest's, typed, with a permission on every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

from meishi.http.batches import BATCH, batch_view
from meishi.http.bodies import read_body
from meishi.http.descriptions import Descriptions
from meishi.http.problem_schema import UNKNOWN_FIELD

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=MethodView)

#: How a query says yes and no.
BOOLEANS = frozenset({"true", "false"})


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
            return msgspec.json.decode(read_body())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error
        except RecursionError as error:
            raise BadRequest("The body is nested too deeply.") from error


_PARSER = _Parser()


class _SmorestBlueprint(SmorestBlueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser."""

    ARGUMENTS_PARSER = _PARSER


class Blueprint(Descriptions):
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

    def build(self, prefix: str) -> SmorestBlueprint:
        """Return a new flask-smorest blueprint for one application object, all under a prefix."""
        built = _SmorestBlueprint(self.name, self.name, description=self.description)
        for endpoint, rule, view in self.views():
            built.add_url_rule(f"{prefix}{rule}", endpoint, view)
        return built

    def arguments(
        self,
        schema: type[Schema],
        *,
        location: str = "json",
        example: Any = None,
        content_type: str | None = None,
    ) -> Callable[[F], F]:
        """Validate a part of the request, and pass it on as the next positional argument.

        A wrong body is answered with 422, a wrong query is a malformed request: 400.
        """
        status = HTTPStatus.BAD_REQUEST if location == "query" else HTTPStatus.UNPROCESSABLE_ENTITY
        decorate: Callable[[F], F] = self._decorators.arguments(
            schema(),  # once: given the class, every request would build it and all it nests
            location=location,
            example=example,
            content_type=content_type,
            error_status_code=status.value,
        )
        return decorate

    def batch(self, rule: str, *, collection: type[MethodView], item: type[MethodView]) -> None:
        """Serve `<rule>:batch`: many requests to a collection and its items in one.

        `collection` is the view at the rule, `item` that of the rule with an id behind it.
        """
        self.route(f"{rule}{BATCH}")(batch_view(self, collection, item))


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
