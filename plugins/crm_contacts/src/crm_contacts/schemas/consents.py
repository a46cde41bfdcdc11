"""What contacts have said to being reached."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import ConsentChannel, ConsentOrigin, ConsentState
from crm_contacts.validation import MAX_HOW
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema

_GIVEN = {
    "description": "When they said it; without it, now.",
    "example": "2026-05-12T09:30:00+00:00",
}


class ConsentDraftSchema(ResourceSchema):
    """What somebody has said to being reached, when and how."""

    state = fields.Enum(ConsentState, by_value=True, required=True)
    given_at = fields.AwareDateTime(
        load_default=None, allow_none=True, format="iso", metadata=_GIVEN
    )
    how = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_HOW),
        metadata={"example": "Form at the fair"},
    )


class ConsentSchema(ConsentDraftSchema):
    """A record of what a contact has said to a channel; the one with the highest version counts."""

    contact_id = fields.UUID(required=True)
    channel = fields.Enum(ConsentChannel, by_value=True, required=True)
    origin = fields.Enum(
        ConsentOrigin,
        by_value=True,
        required=True,
        metadata={
            "description": "Whether somebody recorded it, a merge brought it, or taking one back."
        },
    )
    other_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The other contact of a merge.", "example": None},
    )
    recorder_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The user who recorded it; null where a service did."},
    )
    recorded_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "Null where nothing was ever recorded."},
    )
    version = fields.Integer(required=True, metadata={"example": 1})


class ContactConsentsSchema(ResourceSchema):
    """What counts of a contact, one for each channel."""

    items = fields.List(fields.Nested(ConsentSchema), required=True)


class ConsentPageSchema(PageSchema):
    """Records about one channel, newest first."""

    items = fields.List(fields.Nested(ConsentSchema), required=True)


ConsentQuerySchema = list_query_schema("ConsentQuerySchema", filters={})
