"""Batches: many requests to one resource in one, each answered as if it had come alone.

All run in the unit of work of the batch. Each has a savepoint, so that one that fails is undone
with the events that it published, and the others stay; in an atomic batch none does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from flask import Response, current_app, request
from flask.views import MethodView
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.exceptions import NotFound

from meishi.context import current_scope
from meishi.http.descriptions import PERMISSION_ATTRIBUTE
from meishi.http.documents import JSON
from meishi.http.json_fields import TruthField
from meishi.http.limits.sizes import MAX_PARAMETERS
from meishi.http.no_text import PassedOnField
from meishi.http.problems import problem
from meishi.http.representations import collect_unfinished

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from meishi.http.blueprint import Blueprint

#: How the address of a batch ends; before it is that of the collection.
BATCH = ":batch"

MAX_ITEMS = 500

#: Bytes of a batch's body.
MAX_BYTES = 8 * 1024 * 1024

#: Where an application keeps its views for who was let in already, by endpoint.
INSIDE = "meishi_views_inside"

_METHODS = ("POST", "PATCH", "PUT", "DELETE")
_MERGE_PATCH = "application/merge-patch+json"
_SHOWN_HEADERS = ("Location", "ETag", "Retry-After")
#: What the requests of a batch have in common: how and where the server was reached.
_COMMON = (
    *("wsgi.version", "wsgi.url_scheme", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess"),
    *("wsgi.run_once", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME"),
    *("REMOTE_ADDR", "HTTP_HOST"),
)


class _StrictSchema(Schema):
    class Meta:
        """Unknown fields are errors, never silently dropped."""

        unknown = RAISE


class QueryField(fields.Dict):
    """The query of another request, which looks at it by itself: a text for each parameter."""

    def __init__(self, *, metadata: Mapping[str, Any]) -> None:
        described = {**metadata, "maxProperties": MAX_PARAMETERS}
        super().__init__(keys=fields.String(), values=fields.String(), metadata=described)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict) and len(value) > MAX_PARAMETERS:
            raise ValidationError(f"A query may have {MAX_PARAMETERS} parameters.")
        try:
            return super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow says `key` and `value` where the document has nothing of the sort.
            found = {name: next(iter(wrong.values())) for name, wrong in error.messages.items()}
            raise ValidationError(found) from error


class BatchItemSchema(_StrictSchema):
    """One request of a batch: to the collection, or to an item of it by its id."""

    method = fields.String(required=True, validate=validate.OneOf(_METHODS))
    id = fields.String(
        validate=[validate.Length(1, 200), validate.Regexp("^[^/]+$")],
        metadata={"description": "The item; without it, the request goes to the collection."},
    )
    if_match = fields.String(
        validate=validate.Length(max=1000),
        metadata={"description": "As the header `If-Match` has it.", "example": "*"},
    )
    query = QueryField(
        metadata={"description": "Parameters of the request's query, as texts.", "example": {}}
    )
    body = PassedOnField(
        metadata={"description": "The JSON that the request would have as its body."}
    )


class BatchSchema(_StrictSchema):
    """Requests to be done in their order."""

    atomic = TruthField(
        load_default=False, metadata={"description": "Whether one that fails undoes all."}
    )
    items = fields.List(
        fields.Nested(BatchItemSchema),
        required=True,
        validate=validate.Length(1, MAX_ITEMS),
    )


class BatchItemAnswerSchema(Schema):
    """What a request of a batch is answered with."""

    status = fields.Integer(required=True, metadata={"example": 201})
    headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "`Location`, `ETag` and `Retry-After`, if there are any."},
    )
    body = fields.Dict(metadata={"description": "The document or problem, if there is one."})


class BatchAnswerSchema(Schema):
    """The answers, in the order of the requests."""

    items = fields.List(fields.Nested(BatchItemAnswerSchema), required=True)


def batch_view(
    blueprint: Blueprint, collection: type[MethodView], item: type[MethodView]
) -> type[MethodView]:
    """Return the view that does many requests to a collection and its items."""
    create = getattr(collection, "post", None)
    if create is None:
        raise TypeError(f"{collection.__qualname__} has no post; a batch is for what is created")
    example = {"items": [{"method": "POST", "body": _example(create)}]}

    class Batch(MethodView):
        """Many requests in one."""

        @blueprint.requires(getattr(create, PERMISSION_ATTRIBUTE, ""))
        @blueprint.arguments(BatchSchema, example=example, max_bytes=MAX_BYTES)
        @blueprint.response(HTTPStatus.MULTI_STATUS.value, BatchAnswerSchema)
        def post(self, wanted: dict[str, Any], **_: object) -> Response:
            """Create, change and delete many; each is answered as a request of its own would be."""
            run = _all_or_none if wanted["atomic"] else _each
            unfinished = collect_unfinished()
            answers = run(wanted["items"], {collection, item})
            unfinished.finish(answers)
            return Response(
                msgspec.json.encode({"items": [_shown(answer) for answer in answers]}),
                HTTPStatus.MULTI_STATUS,
                content_type=JSON,
            )

    return Batch


def _example(operation: Callable[..., Any]) -> Any:
    documented = getattr(operation, "_apidoc", {}).get("arguments", {}).get("parameters", ())
    bodies = (found for found in documented if found["in"] == "json")
    return next((found["example"] for found in bodies if "example" in found), {})


def _each(items: Sequence[Mapping[str, Any]], views: set[type[MethodView]]) -> list[Response]:
    """Do all; return the answers."""
    return [_answer(item, views) for item in items]


class _Undone(Exception):
    """An atomic batch ends with this answer."""


def _all_or_none(
    items: Sequence[Mapping[str, Any]], views: set[type[MethodView]]
) -> list[Response]:
    """Do all up to the first that fails, and undo what was done then; return the answers."""
    answers: list[Response] = []
    try:
        with current_scope().work.savepoint():
            for item in items:
                answers.append(_answer(item, views))
                if answers[-1].status_code >= HTTPStatus.BAD_REQUEST:
                    raise _Undone
    except _Undone:
        failed = len(answers) - 1
        other = problem(
            424, "failed-dependency", "Failed Dependency",
            f"Nothing of this batch was done, because of its item {failed}.",
        )  # fmt: skip
        return [answers[-1] if place == failed else other for place in range(len(items))]
    return answers


def _answer(item: Mapping[str, Any], views: set[type[MethodView]]) -> Response:
    """Do one request in a savepoint; return its answer, a problem if it was undone."""
    with current_app.request_context(_environ(item)):
        try:
            with current_scope().work.savepoint():
                return _view(views)(**(request.view_args or {}))
        except Exception as error:  # noqa: BLE001 (each has its problem, as at the edge)
            return current_app.make_response(current_app.handle_user_exception(error))


def _view(views: set[type[MethodView]]) -> Callable[..., Response]:
    """Return what answers the current request; the resource's other addresses are none here."""
    if request.routing_exception is not None:
        raise request.routing_exception
    view: Callable[..., Response] = current_app.extensions[INSIDE][request.endpoint]
    if getattr(view, "view_class", None) not in views:
        raise NotFound
    return view


def _environ(item: Mapping[str, Any]) -> WSGIEnvironment:
    """Return the environment of a request inside of the current one."""
    path = request.path.removesuffix(BATCH)
    if "id" in item:
        path = f"{path}/{item['id']}"
    common = {name: request.environ[name] for name in _COMMON if name in request.environ}
    environ = common | {
        "REQUEST_METHOD": item["method"],
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": urlencode(item.get("query", {})),
        "wsgi.input": BytesIO(),
    }
    if "if_match" in item:
        environ["HTTP_IF_MATCH"] = item["if_match"]
    if "body" in item:
        body = msgspec.json.encode(item["body"])
        environ |= {
            "CONTENT_TYPE": _MERGE_PATCH if item["method"] == "PATCH" else JSON,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
    return environ


def _shown(answer: Response) -> dict[str, Any]:
    """Return an answer as the batch's answer has it."""
    shown: dict[str, Any] = {"status": answer.status_code}
    headers = {name: answer.headers[name] for name in _SHOWN_HEADERS if name in answer.headers}
    if headers:
        shown["headers"] = headers
    if answer.is_json and answer.status_code != HTTPStatus.NO_CONTENT:
        shown["body"] = msgspec.Raw(answer.get_data())
    return shown
