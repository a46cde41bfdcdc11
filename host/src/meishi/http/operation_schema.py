"""The schema of an operation, as the OpenAPI document shows it."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields

from meishi.core.operations.contract import OperationState

_URN = "urn:meishi:problem:internal-error"


class OperationProgressSchema(Schema):
    """How far work has come; `total` and `unit` are null as long as nobody knows."""

    done = fields.Integer(required=True, metadata={"example": 1048576})
    total = fields.Integer(required=True, allow_none=True, metadata={"example": 4825310})
    unit = fields.String(required=True, allow_none=True, metadata={"example": "bytes"})


class OperationErrorSchema(Schema):
    """Why work failed, in the members of a problem (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": _URN})
    title = fields.String(required=True, metadata={"example": "Internal error"})
    detail = fields.String(required=True)


class OperationSchema(Schema):
    """Work that goes on after its request was answered."""

    class Meta:
        """Unknown fields are errors, never silently dropped."""

        unknown = RAISE

    id = fields.UUID(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "description": "The job that does it: a module's name and its own.",
            "example": "crm_contacts.run_import",
        },
    )
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The path of the resource that it is about.",
            "example": "/api/v1/contacts/imports/01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
        },
    )
    state = fields.Enum(
        OperationState,
        by_value=True,
        required=True,
        metadata={
            "description": "`succeeded`, `failed` and `cancelled` are final.",
            "example": OperationState.RUNNING.value,
        },
    )
    progress = fields.Nested(OperationProgressSchema, required=True)
    cancel_requested = fields.Boolean(required=True, metadata={"example": False})
    attempts = fields.Integer(
        required=True,
        metadata={"description": "How often the work was begun, or gone on with.", "example": 1},
    )
    result = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "What it came to, once it has succeeded.", "example": None},
    )
    error = fields.Nested(
        OperationErrorSchema, required=True, allow_none=True, metadata={"example": None}
    )
    created_by = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user who asked for it."}
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    started_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    finished_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )
