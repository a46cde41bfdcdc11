"""Participants, links and touches over HTTP."""

from __future__ import annotations

from marshmallow import fields

from crm_viral.schemas.fields import CODE, NAME, moment
from meishi.sdk.http import Filter, PageSchema, ResourceSchema, list_query_schema


class ParticipantSchema(ResourceSchema):
    """A user who takes part in a programme."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    earned = fields.Integer(required=True, metadata={"description": "As a referrer, here."})
    joined_at = moment(required=True)


class LinkDraftSchema(ResourceSchema):
    """Which programme a link is for; whoever has none yet takes part from then on."""

    programme_id = fields.UUID(required=True)
    label = fields.String(
        load_default=None, allow_none=True, validate=NAME, metadata={"example": "Business card"}
    )


class LinkSchema(ResourceSchema):
    """A link that somebody shares."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    code = fields.String(
        required=True, metadata={"description": "What people type instead.", "example": CODE}
    )
    url = fields.String(
        required=True,
        metadata={
            "description": "Takes `?c=` (channel) and `?p=` (placement).",
            "example": f"https://example.com/J/{CODE}",
        },
    )
    label = fields.String(required=True, allow_none=True, metadata={"example": "Business card"})
    created_at = moment(required=True)
    version = fields.Integer(required=True)


class TouchSchema(ResourceSchema):
    """Somebody has followed a link; who that was, nobody can tell."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    channel = fields.String(required=True, allow_none=True, metadata={"example": "mail"})
    placement = fields.String(required=True, allow_none=True, metadata={"example": "footer"})
    at = moment(required=True)


class ParticipantPageSchema(PageSchema):
    """Participants in the order in which they came."""

    items = fields.List(fields.Nested(ParticipantSchema), required=True)


class LinkPageSchema(PageSchema):
    """Links in order of creation."""

    items = fields.List(fields.Nested(LinkSchema), required=True)


class TouchPageSchema(PageSchema):
    """Touches in order of time."""

    items = fields.List(fields.Nested(TouchSchema), required=True)


OfProgrammeQuerySchema = list_query_schema(
    "OfProgrammeQuerySchema", filters={"programme_id": Filter(fields.UUID)}
)
