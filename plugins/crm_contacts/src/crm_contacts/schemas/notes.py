"""Notes on contacts."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.validation import MAX_NOTE
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema


class NoteDraftSchema(ResourceSchema):
    """What somebody writes about a contact."""

    text = fields.String(
        required=True,
        validate=validate.Length(1, MAX_NOTE),
        metadata={"example": "Wants an offer in May."},
    )


class NoteSchema(NoteDraftSchema):
    """A note on a contact."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    author_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The user who wrote it; null where a service did."},
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    edited_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )


class NotePatchSchema(ResourceSchema):
    """What to change about a note (JSON Merge Patch, RFC 7396): an absent text stays."""

    text = fields.String(validate=validate.Length(1, MAX_NOTE))


class NotePageSchema(PageSchema):
    """Notes, newest first."""

    items = fields.List(fields.Nested(NoteSchema), required=True)


NoteQuerySchema = list_query_schema("NoteQuerySchema", filters={})
