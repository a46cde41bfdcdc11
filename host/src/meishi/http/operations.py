"""Operations as responses: what answers a request whose work goes on, and shows how far it is."""

from __future__ import annotations

import msgspec
from flask import Response

from meishi.core.operations.contract import Operation, OperationError
from meishi.http.documents import document_response
from meishi.http.problem_schema import problem_type
from meishi.sdk.contract import Document

#: Where the operations of a workspace are.
PATH = "/api/v1/operations"

#: Seconds after which it is worth to look again.
_AGAIN = "1"


def accepted(operation: Operation) -> Response:
    """Answer 202 with an operation, and where to ask how far it has come."""
    return operation_response(operation, status=202, location=f"{PATH}/{operation.id}")


def operation_response(
    operation: Operation, *, status: int = 200, location: str | None = None
) -> Response:
    """Answer with an operation and its entity tag; `Retry-After` says when to ask again."""
    response = document_response(operation_document(operation), status=status, location=location)
    if not operation.state.final:
        response.headers["Retry-After"] = _AGAIN
    return response


def operation_document(operation: Operation) -> Document:
    """Return the document of an operation."""
    document = {
        "id": operation.id,
        "kind": operation.kind,
        "subject": operation.subject,
        "state": operation.state.value,
        "progress": {
            "done": operation.done,
            "total": operation.total,
            "unit": operation.unit,
        },
        "cancel_requested": operation.cancel_requested,
        "attempts": operation.attempts,
        "result": None if operation.result is None else msgspec.Raw(operation.result.encode()),
        "error": operation.error and _error(operation.error),
        "created_by": operation.created_by,
        "created_at": operation.created_at,
        "started_at": operation.started_at,
        "finished_at": operation.finished_at,
    }
    return Document(version=operation.version, body=msgspec.json.encode(document))


def _error(error: OperationError) -> dict[str, str]:
    return {"type": problem_type(error.code), "title": error.title, "detail": error.detail}
