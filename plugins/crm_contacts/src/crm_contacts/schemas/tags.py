"""Tags, and edits of many contacts."""

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


class BulkEditSchema(ResourceSchema):
    """What is done to which contacts: to those that are named, or that a filter shows."""

    contact_ids = fields.List(fields.UUID(), validate=validate.Length(1, 10_000))
    filter = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={
            "description": "Filters as the list of contacts has them, by field and operator.",
            "example": {"organisation": {"prefix": "lind"}, "tag": {"none": "Customer"}},
        },
    )
    add_tags = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    remove_tags = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    add_to_lists = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    remove_from_lists = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(0, 50)
    )
    owner_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The member who owns them from now on, as far as you decide about them.",
            "example": None,
        },
    )
