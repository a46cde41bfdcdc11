"""Timelines of contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema


class TimelineDetailSchema(ResourceSchema):
    """A name and a value of an entry: a pair in the contract, an object here."""

    name = fields.String(required=True, metadata={"example": "field"})
    value = fields.String(required=True, metadata={"example": "title"})

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:  # noqa: ARG002
        """Return a part of a pair."""
        return obj[0 if attr == "name" else 1]


class TimelineEntrySchema(ResourceSchema):
    """Something that happened with a contact, or with one that was merged into it."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    kind = fields.String(
        required=True,
        metadata={
            "description": "`created`, `updated`, `deleted`, `restored`, `noted`, or what a module"
            " calls its events.",
            "example": "updated",
        },
    )
    title = fields.String(
        required=True,
        metadata={"description": "What happened, if a module tells it; else empty.", "example": ""},
    )
    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    actor_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user who did it."}
    )
    details = fields.List(fields.Nested(TimelineDetailSchema), required=True)


class TimelinePageSchema(PageSchema):
    """What happened with a contact, newest first."""

    items = fields.List(fields.Nested(TimelineEntrySchema), required=True)


TimelineQuerySchema = list_query_schema("TimelineQuerySchema", filters={})
