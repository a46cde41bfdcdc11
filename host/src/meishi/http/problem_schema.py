"""The schema of a problem, as the OpenAPI document shows it."""

from __future__ import annotations

from marshmallow import Schema, fields

#: How marshmallow names what it does not know; a suggestion may follow.
UNKNOWN_FIELD = "Unknown field."


class ProblemFieldSchema(Schema):
    """One thing wrong with one value."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer to the value"})
    code = fields.String(required=True)
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """A problem (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "Stable URN of the problem"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    instance = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemFieldSchema))
