"""Schemas of decisions and of alarms."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.events.operations.alarms import AlarmKind
from meishi.events.operations.limits import MAX_LAG_SECONDS
from meishi.events.schemas.parked import CURSOR, SUBSCRIPTION, OperatedPageQuerySchema
from meishi.sdk.http import ResourceSchema


class EventDecisionQuerySchema(OperatedPageQuerySchema):
    """Which decisions are listed."""


class EventDecisionSchema(ResourceSchema):
    """One decision, about an event or about a whole subscription (`event` is null)."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    action = fields.String(required=True, metadata={"example": "skip"})
    event = fields.UUID(required=True, allow_none=True)
    pos = fields.Integer(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True, metadata={"example": "contact.created.v1"})
    workspace = fields.UUID(required=True, allow_none=True)
    key = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, metadata={"example": "The card is gone."})
    decided_by = fields.String(
        required=True,
        metadata={"description": "A login, or the user and token of a request.", "example": "ada"},
    )


class EventDecisionPageSchema(ResourceSchema):
    """Decisions, the newest first."""

    items = fields.List(fields.Nested(EventDecisionSchema), required=True)
    next_after = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null on the last page.", "example": CURSOR},
    )


class EventAlarmQuerySchema(ResourceSchema):
    """From where on something is an alarm."""

    max_lag = fields.Float(
        load_default=MAX_LAG_SECONDS,
        validate=validate.Range(min=0),
        metadata={"description": "How many seconds a subscription may be behind."},
    )


class EventAlarmSchema(ResourceSchema):
    """One thing that needs a person; `subscription` is null where it concerns all."""

    kind = fields.Enum(AlarmKind, by_value=True, required=True)
    subscription = fields.String(required=True, allow_none=True, metadata={"example": SUBSCRIPTION})
    message = fields.String(required=True)


class EventAlarmListSchema(ResourceSchema):
    """Everything that needs a person now."""

    items = fields.List(fields.Nested(EventAlarmSchema), required=True)
