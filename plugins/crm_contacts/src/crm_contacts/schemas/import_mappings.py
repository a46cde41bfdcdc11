"""What becomes of the columns of a table, and how it is read."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from crm_contacts.contract import (
    CHARSETS,
    DELIMITERS,
    ColumnTarget,
    DateOrder,
    ImportMapping,
    TargetField,
)
from crm_contacts.contract.import_mappings import MAX_PREVIEWED
from crm_contacts.schemas.contacts import ContactDraftSchema
from meishi.sdk.http import ResourceSchema, TruthField

#: Columns of one mapping, and the highest position.
_MOST = 10_000
_EXAMPLE = {"position": 2, "field": TargetField.EMAIL.value, "types": ["work"]}


class ColumnTargetSchema(ResourceSchema):
    """Where the values of one column go."""

    position = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, _MOST),
        metadata={"description": "The column, counted from 0.", "example": 2},
    )
    field = fields.Enum(TargetField, by_value=True, required=True, metadata={"example": "email"})
    types = fields.List(
        fields.String(),
        load_default=list,
        metadata={
            "description": "Types of the email, phone, link or address.",
            "example": ["work"],
        },
    )
    label = fields.String(load_default=None, allow_none=True, metadata={"example": "Front desk"})
    primary = TruthField(load_default=False, metadata={"example": False})
    group = fields.String(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Parts of one email, phone, link or address have the same group.",
            "example": "1",
        },
    )
    separator = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "What stands between several values of one cell.", "example": ";"},
    )
    key = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "The key of the custom field.", "example": "score"},
    )

    @post_load
    def _target(self, values: dict[str, Any], **_: Any) -> ColumnTarget:
        return ColumnTarget(**values | {"types": tuple(values["types"])})


class ImportMappingSchema(ResourceSchema):
    """What becomes of columns; those that are not named are kept as raw properties."""

    columns = fields.List(
        fields.Nested(ColumnTargetSchema),
        required=True,
        validate=validate.Length(max=_MOST),
        metadata={"example": [_EXAMPLE]},
    )
    date_order = fields.Enum(
        DateOrder,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "Which comes first in 3/4/1980.", "example": "day_first"},
    )

    @post_load
    def _mapping(self, values: dict[str, Any], **_: Any) -> ImportMapping:
        return ImportMapping(columns=tuple(values["columns"]), date_order=values["date_order"])


class ImportDialectSchema(ResourceSchema):
    """How a table is written; what is null is told by its content."""

    charset = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(CHARSETS),
        metadata={"example": "windows-1252"},
    )
    delimiter = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(DELIMITERS),
        metadata={"example": ";"},
    )
    has_header = TruthField(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether a row names the columns.", "example": False},
    )


class ContactPreviewQuerySchema(ResourceSchema):
    """Query parameters of a preview."""

    rows = fields.Integer(
        load_default=5,
        validate=validate.Range(1, MAX_PREVIEWED),
        metadata={"description": "How many cards or rows at most."},
    )


class ContactPreviewProblemSchema(ResourceSchema):
    """A rule that a contact breaks."""

    pointer = fields.String(required=True, metadata={"example": "/emails/0/address"})
    code = fields.String(required=True, metadata={"example": "too-long"})
    message = fields.String(required=True, metadata={"example": "1 to 320 characters."})


class ContactPreviewRowSchema(ResourceSchema):
    """A card or row as it would come in; nothing of it is compared with what is stored."""

    index = fields.Integer(required=True, metadata={"example": 0})
    line = fields.Integer(required=True, metadata={"example": 2})
    contact = fields.Nested(
        ContactDraftSchema,
        attribute="draft",
        required=True,
        allow_none=True,
        metadata={"description": "What it would be; null if it says none."},
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it would be rejected.", "example": "There is no name."},
    )
    problems = fields.List(fields.Nested(ContactPreviewProblemSchema), required=True)


class ContactPreviewSchema(ResourceSchema):
    """The first cards or rows of an import, in the order of the file."""

    items = fields.List(fields.Nested(ContactPreviewRowSchema), required=True)


class ImportColumnSchema(ResourceSchema):
    """A column, some of its values, and where they go."""

    position = fields.Integer(required=True, metadata={"example": 2})
    heading = fields.String(required=True, metadata={"example": "Work mail"})
    samples = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Up to five values.", "example": ["anna@example.com"]},
    )
    proposed = fields.Nested(ColumnTargetSchema, required=True)
    target = fields.Nested(
        ColumnTargetSchema,
        required=True,
        metadata={"description": "Where the values go as it stands."},
    )


class ImportColumnsSchema(ResourceSchema):
    """The columns of a table, and how it is read."""

    items = fields.List(fields.Nested(ImportColumnSchema), required=True)
    shape = fields.String(required=True, metadata={"example": "generic"})
    charset = fields.String(required=True, metadata={"example": "utf-8"})
    delimiter = fields.String(required=True, metadata={"example": ","})
    mapped = fields.Boolean(
        required=True, metadata={"description": "Whether somebody chose.", "example": True}
    )
    has_header = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether a row names the columns; else they are called by their places.",
            "example": True,
        },
    )
    date_order = fields.Enum(
        DateOrder, by_value=True, required=True, allow_none=True, metadata={"example": "day_first"}
    )
    proposed_date_order = fields.Enum(
        DateOrder, by_value=True, required=True, allow_none=True, metadata={"example": "day_first"}
    )
    kept_mapping_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={
            "description": "The kept mapping of earlier files with these headings, which is"
            " proposed; null if there is none."
        },
    )
