"""The schema of a problem, as the OpenAPI document shows it."""

from __future__ import annotations

from http import HTTPStatus

from marshmallow import Schema, fields

PROBLEM_TYPE = "application/problem+json"

#: Where an operation's description keeps what its author has declared: codes and titles by status.
PROBLEMS_KEY = "x-problems"

#: What RFC 9110 calls statuses that had other names before; which of them Python knows depends on
#: its version.
_PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}

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


def phrase_of(status: int) -> str:
    """Return what HTTP calls a status."""
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def phrase_code(status: int) -> str:
    """Return the code of a problem that HTTP's own phrase says all about."""
    return phrase_of(status).lower().replace(" ", "-").replace("'", "")
