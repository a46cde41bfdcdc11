"""Histories of contacts."""

from __future__ import annotations

from typing import Any

import msgspec
from marshmallow import fields, validate

from crm_contacts.contract import ActorKind, ChangeAction, ChangeSource
from meishi.sdk.http import Filter, PageSchema, ResourceSchema, list_query_schema

_MAX_FIELD = 100
_MAX_FIELDS = 200
_ANYTHING = ["string", "number", "boolean", "array", "object"]


class ValueField(fields.Field[Any]):
    """What a field says: JSON text inside, as the contact has it outside."""

    def __init__(self, example: Any) -> None:
        described = {"type": _ANYTHING, "example": example}
        super().__init__(required=True, allow_none=True, metadata=described)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:  # noqa: ARG002
        return msgspec.json.decode(value)


class FieldChangeSchema(ResourceSchema):
    """What a change did to one field: its values before and after, as the contact has them."""

    field = fields.String(
        required=True,
        metadata={"description": "A field of the contact, or `custom.KEY`.", "example": "title"},
    )
    before = ValueField("Architect")
    after = ValueField("Head architect")
    erased = fields.Boolean(
        required=True,
        metadata={
            "description": "True where the values told of a person who was erased: both are null.",
            "example": False,
        },
    )


class ChangeRecordSchema(ResourceSchema):
    """One change of a contact: what it did, where it came from, and who did it."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "The one that it made.", "example": 2}
    )
    at = fields.AwareDateTime(required=True, format="iso")
    action = fields.Enum(
        ChangeAction, by_value=True, required=True, metadata={"example": ChangeAction.UPDATED.value}
    )
    source = fields.Enum(
        ChangeSource, by_value=True, required=True, metadata={"example": ChangeSource.USER.value}
    )
    source_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={
            "description": "The import, merge, edit of many or reverted change that it came from,"
            " or what else its source says."
        },
    )
    source_row = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The row of the import, counted from 0.", "example": None},
    )
    actor = fields.Enum(
        ActorKind, by_value=True, required=True, metadata={"example": ActorKind.USER.value}
    )
    actor_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user who did it."}
    )
    fields_ = fields.List(
        fields.Nested(FieldChangeSchema), required=True, attribute="fields", data_key="fields"
    )


class ChangeRecordPageSchema(PageSchema):
    """Changes of a contact, newest first."""

    items = fields.List(fields.Nested(ChangeRecordSchema), required=True)


class RevertSchema(ResourceSchema):
    """Which fields of a change are to be put back; all of them, unless some are named.

    Those that are named are put back even if they were changed again since.
    """

    fields_ = fields.List(
        fields.String(validate=validate.Length(1, _MAX_FIELD)),
        load_default=list,
        data_key="fields",
        validate=validate.Length(0, _MAX_FIELDS),
        metadata={"example": ["title"]},
    )


HistoryQuerySchema = list_query_schema(
    "HistoryQuerySchema",
    filters={
        "field": Filter(
            fields.String(
                validate=validate.Length(1, _MAX_FIELD),
                metadata={"description": "A field, `custom.KEY`, or `custom` for all of these."},
            )
        ),
        "merged": Filter(
            fields.UUID(metadata={"description": "A contact that was merged into this one."})
        ),
    },
)
