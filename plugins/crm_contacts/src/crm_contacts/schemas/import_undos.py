"""Undos of imports."""

from __future__ import annotations

from marshmallow import fields

from crm_contacts.contract import KeptReason
from meishi.sdk.http import CursorField, ResourceSchema


class ImportUndoSchema(ResourceSchema):
    """How far an undo has come, in contacts, and what it did."""

    done = fields.Integer(required=True, metadata={"example": 120})
    total = fields.Integer(required=True, metadata={"example": 120})
    deleted = fields.Integer(
        required=True, metadata={"description": "Came with the import.", "example": 95}
    )
    reverted = fields.Integer(
        required=True, metadata={"description": "Have again what they had.", "example": 12}
    )
    gone = fields.Integer(
        required=True, metadata={"description": "Were deleted before.", "example": 3}
    )
    kept = fields.Integer(
        required=True,
        metadata={"description": "Of which something stays: see `kept`.", "example": 10},
    )
    operation_id = fields.UUID(required=True, allow_none=True)
    completed_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"example": "2026-01-31T09:30:04Z"},
    )


class KeptContactSchema(ResourceSchema):
    """A contact of an import that stays, or fields of one that stay as they are."""

    contact_id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"example": "Anna Lindqvist"})
    created = fields.Boolean(
        required=True, metadata={"description": "Whether it came with the import."}
    )
    fields_ = fields.List(
        fields.String(), required=True, attribute="fields", data_key="fields",
        metadata={"description": "What stays.", "example": ["title", "custom.score"]},
    )  # fmt: skip
    reason = fields.Enum(
        KeptReason,
        by_value=True,
        required=True,
        metadata={
            "description": "`changed` or `merged` since, `imported` by another file, too,"
            " `private`, and not theirs to write who undid it, or `cannot` be taken back any more.",
            "example": KeptReason.CHANGED.value,
        },
    )


class KeptPageSchema(ResourceSchema):
    """What stays, in order of ids of contacts."""

    items = fields.List(fields.Nested(KeptContactSchema), required=True)
    next_after = CursorField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
