"""Custom fields."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import CustomFieldType
from crm_contacts.custom_values import KEY_NAME, MAX_CHOICES, MAX_TITLE
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema

_CHOICES = {"description": "What a field of the type `choice` can have.", "example": []}


class CustomFieldDraftSchema(ResourceSchema):
    """A field to be made."""

    key = fields.String(
        required=True,
        validate=validate.Regexp(f"^{KEY_NAME.pattern}$"),
        metadata={"description": "How contacts and filters call it.", "example": "score"},
    )
    title = fields.String(
        required=True, validate=validate.Length(1, MAX_TITLE), metadata={"example": "Score"}
    )
    type = fields.Enum(
        CustomFieldType, by_value=True, required=True, metadata={"example": "number"}
    )
    choices = fields.List(
        fields.String(),
        load_default=list,
        validate=validate.Length(0, MAX_CHOICES),
        metadata=_CHOICES,
    )


class CustomFieldSchema(CustomFieldDraftSchema):
    """What a workspace notes of contacts besides what all have."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class CustomFieldPatchSchema(ResourceSchema):
    """What to change about a field (JSON Merge Patch, RFC 7396): absent members stay."""

    title = fields.String(validate=validate.Length(1, MAX_TITLE))
    type = fields.Enum(CustomFieldType, by_value=True)
    choices = fields.List(fields.String(), validate=validate.Length(0, MAX_CHOICES))


class CustomFieldPageSchema(PageSchema):
    """Custom fields in order of creation."""

    items = fields.List(fields.Nested(CustomFieldSchema), required=True)


class ValueCountSchema(ResourceSchema):
    """How many values there are."""

    values = fields.Integer(required=True, metadata={"example": 12})


CustomFieldQuerySchema = list_query_schema("CustomFieldQuerySchema", filters={})
