"""The schema of a problem, as the OpenAPI document shows it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from meishi.sdk.contract import DomainError

PROBLEM_TYPE = "application/problem+json"

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


def problem_type(code: str) -> str:
    """Return the stable type of the problems with a code."""
    return f"urn:meishi:problem:{code}"


def declared_problem(error: type[DomainError]) -> dict[str, Any]:
    """Return what every problem of a declared error says."""
    return {"type": problem_type(error.code), "title": error.title, "status": error.status}
