"""What a plugin's `routes.py` and `schemas.py` need: blueprint, schema base, problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, cast

from flask import request
from marshmallow import RAISE, Schema, fields, validate
from werkzeug.exceptions import UnsupportedMediaType

from meishi.http.blueprint import Blueprint
from meishi.http.bodies import BodyStream, read_body
from meishi.http.cursors import CursorField
from meishi.http.deprecation import Deprecation
from meishi.http.documents import (
    asked_versions,
    document_of,
    document_response,
    page_response,
    wanted_versions,
)
from meishi.http.files import cached_response, file_response
from meishi.http.includes import Include
from meishi.http.json_fields import TruthField
from meishi.http.lists import CursorTextField, Filter, list_query_schema
from meishi.http.operation_schema import OperationSchema
from meishi.http.operations import accepted, operation_document, operation_response
from meishi.http.parsing import read_query

MERGE_PATCH = "application/merge-patch+json"

__all__ = [
    "MERGE_PATCH",
    "Blueprint",
    "CursorField",
    "CursorTextField",
    "Deprecation",
    "Filter",
    "Include",
    "OperationSchema",
    "PageQuerySchema",
    "PageSchema",
    "ResourceSchema",
    "TruthField",
    "accepted",
    "asked_versions",
    "body_of_type",
    "cached_response",
    "document_of",
    "document_response",
    "file_response",
    "list_query_schema",
    "operation_document",
    "operation_response",
    "page_response",
    "read_query",
    "stream_of_type",
    "wanted_versions",
]


class ResourceSchema(Schema):
    """Base of all schemas of the API: keeps the order of fields, refuses unknown ones."""

    class Meta:
        """Unknown fields are errors, never silently dropped."""

        unknown = RAISE


class PageQuerySchema(ResourceSchema):
    """Query parameters of every list."""

    after = CursorField(metadata={"description": "`next_after` of the page before."})
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 200),
        metadata={"description": "How many items at most."},
    )


class PageSchema(ResourceSchema):
    """Base of the pages of a list, each of which adds its `items`."""

    next_after = CursorTextField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
    total = fields.Integer(metadata={"description": "Only if it was asked for."})


def body_of_type(*media_types: str) -> bytes:
    """Return the request's body if it is of one of the media types; else answer 415."""
    _refuse_unless(media_types)
    return read_body()


def stream_of_type(*media_types: str) -> BinaryIO:
    """Return the request's body to be read in pieces, under the rules of `body_of_type`.

    Reading it raises what answers 413 if it is too large, and 400 if it breaks off.
    """
    _refuse_unless(media_types)
    return cast("BinaryIO", BodyStream())


def _refuse_unless(media_types: Sequence[str]) -> None:
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(f"Send one of: {', '.join(media_types)}.")
