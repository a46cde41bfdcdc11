"""Tags."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import TagColour
from crm_contacts.tag_names import MAX_TAG_NAME
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema

_NAME = {"description": "Another one's in no case.", "example": "Customer"}


class TagDraftSchema(ResourceSchema):
    """A tag to be made."""

    name = fields.String(required=True, validate=validate.Length(1, MAX_TAG_NAME), metadata=_NAME)
    colour = fields.Enum(TagColour, by_value=True, load_default=TagColour.GRAY)


class TagSchema(TagDraftSchema):
    """A word that a workspace puts on contacts."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class TagPatchSchema(ResourceSchema):
    """What to change about a tag (JSON Merge Patch, RFC 7396): absent members stay."""

    name = fields.String(validate=validate.Length(1, MAX_TAG_NAME), metadata=_NAME)
    colour = fields.Enum(TagColour, by_value=True)


class TagMergeSchema(ResourceSchema):
    """Which tags are to be merged into one."""

    merged_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(1, 100),
        metadata={"description": "Their contacts get the tag that stays, and they are deleted."},
    )


class TagPageSchema(PageSchema):
    """Tags in order of creation."""

    items = fields.List(fields.Nested(TagSchema), required=True)


TagQuerySchema = list_query_schema("TagQuerySchema", filters={})
