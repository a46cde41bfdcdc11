"""What a plugin's `routes.py` and `schemas.py` need: blueprint, schema base, problems."""

from __future__ import annotations

from flask import request
from marshmallow import RAISE, Schema, fields, validate
from werkzeug.exceptions import UnsupportedMediaType

from meishi.http.blueprint import Blueprint

__all__ = ["Blueprint", "PageQuerySchema", "ResourceSchema", "body_of_type"]


class ResourceSchema(Schema):
    """Base of all schemas of the API: keeps the order of fields, refuses unknown ones."""

    class Meta:
        """Unknown fields are errors, never silently dropped."""

        unknown = RAISE


class PageQuerySchema(ResourceSchema):
    """Query parameters of every list."""

    after = fields.UUID(metadata={"description": "The id behind which the page begins."})
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 200),
        metadata={"description": "How many items at most."},
    )


def body_of_type(*media_types: str) -> bytes:
    """Return the request's body if it is of one of the media types; else answer 415."""
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(f"Send one of: {', '.join(media_types)}.")
    return request.get_data()
