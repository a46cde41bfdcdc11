"""Mappings that are kept for the next file with the same columns."""

from __future__ import annotations

from marshmallow import fields

from crm_contacts.schemas.import_mappings import ImportMappingSchema
from meishi.sdk.http import CursorField, ResourceSchema


class KeptMappingSchema(ResourceSchema):
    """What columns with these headings became in an import."""

    id = fields.UUID(required=True)
    headings = fields.List(
        fields.String(), required=True, metadata={"example": ["Name", "Work mail"]}
    )
    mapping = fields.Nested(ImportMappingSchema, required=True)
    used_at = fields.AwareDateTime(
        required=True,
        format="iso",
        metadata={"description": "When the last import with it began."},
    )


class KeptMappingPageSchema(ResourceSchema):
    """Kept mappings in order of their ids."""

    items = fields.List(fields.Nested(KeptMappingSchema), required=True)
    next_after = CursorField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
