"""Schemas of what is parked, and of what is done about it."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.events.operations.decisions import LONGEST_REASON
from meishi.events.operations.status import PARKED_STATES
from meishi.sdk.http import ResourceSchema, TruthField

SUBSCRIPTION = "crm_contacts.main"
CURSOR = "Y3JtX2NvbnRhY3RzLm1haW46NDI7kRkVoSsQ0ZbM1nKlpJ8w"

_NEXT = {"description": "Null on the last page.", "example": CURSOR}
_KEY = {"description": "What the events are about.", "example": "01939d2c"}


class OperatedPageQuerySchema(ResourceSchema):
    """Query parameters of operators' lists."""

    after = fields.String(
        validate=validate.Length(min=1),
        metadata={"description": "`next_after` of the page before.", "example": CURSOR},
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 200),
        metadata={"description": "How many items at most."},
    )
    subscription = fields.String(
        data_key="filter[subscription]",
        metadata={"description": "This one only.", "example": SUBSCRIPTION},
    )


class ParkedQuerySchema(OperatedPageQuerySchema):
    """Which parked events are listed."""

    state = fields.String(data_key="filter[state]", validate=validate.OneOf(PARKED_STATES))
    workspace = fields.UUID(data_key="filter[workspace]")
    key = fields.String(data_key="filter[key]", metadata=_KEY)


class ParkedEventSchema(ResourceSchema):
    """One event that is parked in one subscription."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    pos = fields.Integer(required=True, metadata={"description": "Its position in the log."})
    slot = fields.Integer(required=True)
    event = fields.UUID(required=True)
    type = fields.String(required=True, metadata={"example": "contact.created.v1"})
    workspace = fields.UUID(required=True, allow_none=True)
    key = fields.String(required=True, metadata=_KEY)
    state = fields.String(required=True, validate=validate.OneOf(PARKED_STATES))
    attempts = fields.Integer(required=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    error = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The traceback of the last attempt."},
    )
    parked_at = fields.AwareDateTime(required=True, format="iso")
    failed_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class ParkedEventPageSchema(ResourceSchema):
    """Parked events by subscription and position in the log."""

    items = fields.List(fields.Nested(ParkedEventSchema), required=True)
    next_after = fields.String(required=True, allow_none=True, metadata=_NEXT)


class ParkedSubscriptionSchema(ResourceSchema):
    """In which subscription an event is meant; to be named where several have it parked."""

    subscription = fields.String(metadata={"example": SUBSCRIPTION})


class ParkedDetailsQuerySchema(ParkedSubscriptionSchema):
    """What is shown of a parked event."""

    payload = fields.Boolean(
        load_default=False, metadata={"description": "Whether to show what the event says."}
    )


class ParkedDetailsSchema(ResourceSchema):
    """A parked event with its envelope, and its payload if it was asked for."""

    parked = fields.Nested(ParkedEventSchema, required=True)
    envelope = fields.Dict(keys=fields.String(), required=True)
    payload = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class ParkedReasonSchema(ParkedSubscriptionSchema):
    """Why an event is never delivered, and in which subscription."""

    reason = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_REASON),
        metadata={
            "description": "One line, kept with the decision.",
            "example": "The card is gone.",
        },
    )


class ParkedRetrySchema(ParkedSubscriptionSchema):
    """Which heads are tried again: of a subscription, or all that is dead."""

    workspace = fields.UUID()
    key = fields.String(metadata=_KEY)
    dead = TruthField(
        load_default=False,
        metadata={"description": "Only what is dead; of all subscriptions if none is named."},
    )


class ParkedDiscardSchema(ParkedReasonSchema):
    """What a subscription never gets: all that is parked of a key, or all of all."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    key = fields.String(metadata=_KEY)
    workspace = fields.UUID(
        metadata={"description": "Of the key; to be named where several have it."}
    )
    all = TruthField(
        load_default=False,
        metadata={
            "description": "All that is parked in it, together with `yes`.",
            "example": False,
        },
    )
    yes = TruthField(load_default=False, metadata={"example": False})


class EventRetriedSchema(ResourceSchema):
    """The heads that are tried again at once."""

    events = fields.List(fields.UUID(), required=True)


class EventSkippedSchema(ResourceSchema):
    """An event that a subscription never gets, and the next of its key, now tried."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    event = fields.UUID(required=True)
    next = fields.UUID(required=True, allow_none=True)


class EventDiscardedSchema(ResourceSchema):
    """Events that a subscription never gets, in the order of the log."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    events = fields.List(fields.UUID(), required=True)
