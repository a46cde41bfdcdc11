"""Lists of contacts, and segments."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from crm_contacts.schemas.filters import filters_of
from crm_contacts.tag_names import MAX_TAG_NAME
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema

# ruff: noqa: ARG002 (the methods have marshmallow's signatures)

_LENGTH = validate.Length(1, MAX_TAG_NAME)


class ContactListDraftSchema(ResourceSchema):
    """A list to be made."""

    name = fields.String(required=True, validate=_LENGTH, metadata={"example": "Guests"})


class ContactListSchema(ContactListDraftSchema):
    """A list that people put contacts on."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class ContactListPatchSchema(ResourceSchema):
    """What to change about a list (JSON Merge Patch, RFC 7396): an absent name stays."""

    name = fields.String(validate=_LENGTH, metadata={"example": "Guests"})


class ContactListPageSchema(PageSchema):
    """Lists in order of creation."""

    items = fields.List(fields.Nested(ContactListSchema), required=True)


class ListMembersSchema(ResourceSchema):
    """Contacts that are put on a list."""

    contact_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 500))


class AddedMembersSchema(ResourceSchema):
    """How many contacts were not on the list before."""

    added = fields.Integer(required=True, metadata={"example": 2})


class FiltersField(fields.Dict):
    """Filters by field and operator: an object here, conditions in the contract."""

    def __init__(self, **kwargs: Any) -> None:
        described = {
            "description": "Filters as the list of contacts has them, by field and operator.",
            "example": {"organisation": {"prefix": "lind"}},
        }
        super().__init__(
            keys=fields.String(),
            values=fields.Dict(keys=fields.String(), values=fields.String()),
            metadata=described,
            **kwargs,
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return filters_of(value)


class SegmentDraftSchema(ResourceSchema):
    """A filter to be saved."""

    name = fields.String(required=True, validate=_LENGTH, metadata={"example": "Nearby"})
    filter = FiltersField(required=True, attribute="conditions")


class SegmentSchema(SegmentDraftSchema):
    """A filter by a name."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class SegmentPatchSchema(ResourceSchema):
    """What to change about a segment (JSON Merge Patch, RFC 7396): absent members stay.

    A filter is replaced as a whole.
    """

    name = fields.String(validate=_LENGTH)
    filter = FiltersField(attribute="conditions")


class SegmentPageSchema(PageSchema):
    """Segments in order of creation."""

    items = fields.List(fields.Nested(SegmentSchema), required=True)


ContactListQuerySchema = list_query_schema("ContactListQuerySchema", filters={})
SegmentQuerySchema = list_query_schema("SegmentQuerySchema", filters={})
