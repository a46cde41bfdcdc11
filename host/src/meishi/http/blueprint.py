"""The blueprint of the web API: flask-smorest's, typed, with a permission on every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema

from meishi.http.batches import BATCH, batch_view
from meishi.http.changes import ChangesQuerySchema, feed_description, feed_response
from meishi.http.deprecation import Deprecation, deprecated
from meishi.http.descriptions import READS_QUERY_ATTRIBUTE, Descriptions, documenting
from meishi.http.documented_headers import document_condition
from meishi.http.documented_selections import document_selection
from meishi.http.documents import document_of
from meishi.http.limits.sizes import allow_json_bytes
from meishi.http.parsing import Parser
from meishi.http.selectables import selectable_of
from meishi.http.selections import read_selection
from meishi.http.shared_schemas import share_schemas
from meishi.http.sync_tokens import InvalidSyncToken
from meishi.sdk.contract import ChangePage, ChangeQuery, SyncTokenExpired

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=MethodView)


_PARSER = Parser()


class _SmorestBlueprint(SmorestBlueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our parser, which documents what can be chosen."""

    ARGUMENTS_PARSER = _PARSER

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks += [document_condition, document_selection]


class Blueprint(Descriptions):
    """Routes of one plugin; the host mounts them under the plugin's prefix.

    `version` is that of the plugin's API; blueprints of several versions stand beside each other.
    It is a declaration: views and documentation, decorated by flask-smorest, are kept here,
    and every application object builds a blueprint of its own from it. Schemas given to
    `arguments` validate the request, those given to `response` serialise the result.
    """

    def __init__(
        self,
        name: str,
        *,
        description: str,
        version: int = 1,
        deprecation: Deprecation | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self.version = version
        self.deprecation = deprecation
        self.rules: list[tuple[str, type[MethodView]]] = []
        self._decorators: Any = _SmorestBlueprint(name, __name__)

    def route(self, rule: str) -> Callable[[type[V]], type[V]]:
        """Serve a MethodView at `rule`, relative to the plugin's prefix."""

        def add(view: type[V]) -> type[V]:
            # What is no view, or lacks a function, is refused by name when it is mounted.
            for method in getattr(view, "methods", None) or ():
                operation = getattr(view, method.lower(), None)
                if operation is not None:
                    setattr(view, method.lower(), _with_query(operation))
            self.rules.append((rule, view))
            return view

        return add

    @property
    def mounted_name(self) -> str:
        """What the blueprint is called among those of all versions."""
        return self.name if self.version == 1 else f"{self.name}_v{self.version}"

    def views(self) -> Iterator[tuple[str, str, type[MethodView]]]:
        """Yield endpoint, rule and class of each view; the endpoint is unique in here."""
        for position, (rule, view) in enumerate(self.rules):
            yield str(position), rule, view

    def build(self, prefix: str) -> SmorestBlueprint:
        """Return a new flask-smorest blueprint for one application object, all under a prefix."""
        built = _SmorestBlueprint(self.mounted_name, __name__, description=self.description)
        for endpoint, rule, view in self.views():
            for method in getattr(view, "methods", None) or ():
                share_schemas(getattr(getattr(view, method.lower(), None), "_apidoc", None))
            built.add_url_rule(f"{prefix}{rule}", endpoint, view)
        return built

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

    def batch(self, rule: str, *, collection: type[MethodView], item: type[MethodView]) -> None:
        """Serve `<rule>:batch`: many requests to a collection and its items in one.

        `collection` is the view at the rule, `item` that of the rule with an id behind it.
        """
        self.route(f"{rule}{BATCH}")(batch_view(self, collection, item))

    def changes(
        self, schema: type[Schema]
    ) -> Callable[[Callable[[Any, ChangeQuery], Any]], Callable[..., Any]]:
        """Serve an operation as a changes feed of resources.

        It returns a `ChangePage`, or an object with such a `page` and the `items` on it, of which
        the schema makes documents.
        """
        shown = schema()

        def decorate(read: Callable[[Any, ChangeQuery], Any]) -> Callable[..., Any]:
            @wraps(read)
            def handle(view: Any, wanted: ChangeQuery, **path: Any) -> Any:
                found = read(view, wanted, **path)
                page = found if isinstance(found, ChangePage) else _changed(found, shown)
                return feed_response(page, wanted)

            operation = self.response(200, feed_description(schema))(handle)
            operation = self.problem(InvalidSyncToken)(operation)
            operation = self.problem(SyncTokenExpired)(operation)
            return self.arguments(ChangesQuerySchema, location="query")(operation)

        return decorate

    #: Say of an operation, or of a whole view, that it is not to be used any more.
    deprecated = staticmethod(deprecated)


def _changed(found: Any, schema: Schema) -> ChangePage:
    items = tuple(document_of(item, schema).body for item in found.items)
    return replace(cast("ChangePage", found.page), items=items)


def query_schema(operation: Callable[..., Any]) -> Schema | None:
    """Return the schema of an operation's query, None if it knows no parameters."""
    documented = getattr(operation, "_apidoc", {}).get("arguments", {}).get("parameters", ())
    return next((found["schema"] for found in documented if found["in"] == "query"), None)


def _with_query(operation: F) -> F:
    """Wrap an operation, so that what its query chooses is read, and what it knows not refused."""
    selectable, has_schema = selectable_of(operation), query_schema(operation) is not None
    if getattr(operation, READS_QUERY_ATTRIBUTE, False) or (selectable is None and has_schema):
        return operation

    @wraps(operation)
    def handle(*args: Any, **kwargs: Any) -> Any:
        if request.args:
            if selectable is not None:
                read_selection(selectable)
            if not has_schema:
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

        return documenting(cast("F", handle), "x-max-bytes", max_bytes)

    return decorate_allowing
