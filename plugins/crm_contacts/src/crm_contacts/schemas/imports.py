"""Imports of address books."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_dump, validate

from crm_contacts.contract import MAX_PAGE, CardStatus, ImportFormat, ImportState
from meishi.sdk.http import CursorField, ResourceSchema

#: What rows can be asked for: one status, or both of those that found a contact.
DUPLICATE = "duplicate"
ROW_STATUSES = (*(status.value for status in CardStatus), DUPLICATE)

_MAX_NAME = 255


class ImportUploadSchema(ResourceSchema):
    """Query parameters of an upload."""

    name = fields.String(
        load_default=None,
        validate=validate.Length(1, _MAX_NAME),
        metadata={"description": "The file's name."},
    )


class ImportCountsSchema(ResourceSchema):
    """How many cards or rows were read so far, and what became of them.

    `duplicates` are those of contacts that were there already: `updated` and `unchanged`.
    """

    rows = fields.Integer(required=True, metadata={"example": 120})
    created = fields.Integer(required=True, metadata={"example": 100})
    updated = fields.Integer(required=True, metadata={"example": 4})
    unchanged = fields.Integer(required=True, metadata={"example": 11})
    duplicates = fields.Integer(required=True, metadata={"example": 15})
    rejected = fields.Integer(required=True, metadata={"example": 5})


class ContactImportSchema(ResourceSchema):
    """An import of an address book.

    Text that ends with END:VCARD counts as a card, and is rejected if its BEGIN is damaged.
    """

    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"example": "contacts.csv"})
    state = fields.Enum(
        ImportState, by_value=True, required=True, metadata={"example": ImportState.COMPLETED.value}
    )
    format = fields.Enum(
        ImportFormat, by_value=True, required=True, metadata={"example": ImportFormat.CSV.value}
    )
    shape = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Whose table it is: `google`, `google_new`, `outlook`, `linkedin`,"
            " `thunderbird`, `generic`, or `unknown` if its columns have to be mapped. Of"
            " cards, `icloud`, or null for those of all others.",
            "example": "google",
        },
    )
    unmapped_columns = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Columns whose values `raw` keeps.",
            "example": ["Shoe size"],
        },
    )
    charset = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a table; of cards the one that was said, or null.",
            "example": "utf-8",
        },
    )
    delimiter = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What stands between its cells.", "example": ","},
    )
    has_header = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={
            "description": "Whether a row of the table names its columns; null for cards.",
            "example": True,
        },
    )
    mapped = fields.Boolean(
        required=True,
        metadata={"description": "Whether somebody chose what its columns become."},
    )
    size = fields.Integer(
        required=True, metadata={"description": "Octets of the file.", "example": 48213}
    )
    progress = fields.Float(required=True, metadata={"description": "From 0 to 1."})
    counts = fields.Nested(ImportCountsSchema, required=True)
    operation_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The operation that does the work, or did it last."},
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    completed_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"example": "2026-01-31T09:30:04Z"},
    )


class ImportPageSchema(ResourceSchema):
    """Imports, newest first."""

    items = fields.List(fields.Nested(ContactImportSchema), required=True)
    next_after = CursorField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


class ImportRowQuerySchema(ResourceSchema):
    """Query parameters of the rows of an import."""

    status = fields.String(
        load_default=None,
        validate=validate.OneOf(ROW_STATUSES),
        metadata={"description": "`duplicate` stands for `updated` and `unchanged`."},
    )
    after = fields.Integer(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata={"description": "`next_after` of the page before, or any `index`."},
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_PAGE),
        metadata={"description": "How many rows at most."},
    )


class ImportRowSchema(ResourceSchema):
    """What became of one card, or of one row of a table."""

    index = fields.Integer(required=True)
    line = fields.Integer(required=True)
    status = fields.Enum(CardStatus, by_value=True, required=True)
    name = fields.String()
    contact_id = fields.UUID()
    reason = fields.String(
        metadata={
            "description": "Why it was rejected; of what came in, which values are kept as raw"
            " properties, as their custom fields do not take them."
        }
    )

    @post_dump
    def _without_nulls(self, document: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in document.items() if value is not None}


class ImportRowPageSchema(ResourceSchema):
    """Rows of an import, in the order of the file."""

    items = fields.List(fields.Nested(ImportRowSchema), required=True)
    next_after = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


class DryRunSchema(ResourceSchema):
    """What an import would do, as far as the dry run has come."""

    progress = fields.Float(required=True, metadata={"description": "From 0 to 1."})
    counts = fields.Nested(ImportCountsSchema, required=True)
    rejected = fields.List(
        fields.Nested(ImportRowSchema),
        required=True,
        metadata={
            "description": "The first rows that would be rejected, with their reasons, then such as"
            " would come in without all that they say."
        },
    )
    operation_id = fields.UUID(required=True, allow_none=True)
    completed_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"example": "2026-01-31T09:30:04Z"},
    )
