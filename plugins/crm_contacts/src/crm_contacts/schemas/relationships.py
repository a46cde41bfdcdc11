"""Relationships between contacts."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import RelationshipType
from crm_contacts.validation import MAX_TEXT
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema

_TYPE = {
    "description": "What the target is to the source: a type of vCard's RELATED (RFC 6350, 6.6.6).",
    "example": "colleague",
}


class RelationshipDraftSchema(ResourceSchema):
    """What another contact is to this one."""

    target_id = fields.UUID(required=True, metadata={"description": "The other contact."})
    type = fields.Enum(RelationshipType, by_value=True, required=True, metadata=_TYPE)
    note = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_TEXT),
        metadata={"example": "Met at the fair in Uppsala"},
    )


class RelationshipSchema(RelationshipDraftSchema):
    """What one contact is to another."""

    id = fields.UUID(required=True)
    source_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class RelationshipPageSchema(PageSchema):
    """Relationships in order of creation."""

    items = fields.List(fields.Nested(RelationshipSchema), required=True)


RelationshipQuerySchema = list_query_schema("RelationshipQuerySchema", filters={})
