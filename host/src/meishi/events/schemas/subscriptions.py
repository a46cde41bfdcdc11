"""Schemas of subscriptions, and of what is done about them."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.events.operations.decisions import LONGEST_REASON
from meishi.events.schemas.parked import SUBSCRIPTION
from meishi.sdk.http import ResourceSchema, TruthField

_REASON = {
    "description": "One line, kept with the decision.",
    "example": "The mail server is down.",
}


class ParkedCountsSchema(ResourceSchema):
    """How many events are parked."""

    retry = fields.Integer(required=True)
    held = fields.Integer(required=True)
    dead = fields.Integer(required=True)


class PausedWorkspaceSchema(ResourceSchema):
    """A workspace that gets no events for now, or is catching up."""

    workspace = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "draining"]))
    since = fields.AwareDateTime(required=True, format="iso")


class SubscriptionSchema(ResourceSchema):
    """One subscription: lag is that of the slowest slot, and an upper bound."""

    name = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    active = fields.Boolean(required=True)
    reason = fields.String(
        required=True,
        metadata={"description": "Why nobody delivers to a plugin that is not active."},
    )
    state = fields.String(required=True, validate=validate.OneOf(["live", "paused", "backfilling"]))
    slots = fields.Integer(required=True)
    types = fields.List(fields.String(metadata={"example": "contact.created.v1"}), required=True)
    lag_events = fields.Integer(required=True)
    lag_seconds = fields.Float(required=True)
    parked = fields.Nested(ParkedCountsSchema, required=True)
    delivered = fields.Integer(required=True)
    last_error = fields.String(required=True, allow_none=True)
    backfilled = fields.Integer(required=True)
    backfills = fields.Integer(required=True)
    paused_workspaces = fields.List(fields.Nested(PausedWorkspaceSchema), required=True)
    leased_slots = fields.Integer(required=True)


class SubscriptionListSchema(ResourceSchema):
    """All subscriptions by name, and how many workers were heard of lately."""

    items = fields.List(fields.Nested(SubscriptionSchema), required=True)
    workers_alive = fields.Integer(required=True)


class SubscriptionPauseSchema(ResourceSchema):
    """What stands still or goes on: the subscription, or one workspace in it."""

    workspace = fields.UUID()
    reason = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_REASON), metadata=_REASON
    )


class SubscriptionPausedSchema(ResourceSchema):
    """What stands still from now on, or goes on."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    workspace = fields.UUID(required=True, allow_none=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["live", "paused", "open", "draining"])
    )


class SubscriptionReplaySchema(ResourceSchema):
    """Since when events are delivered once more: either `from` or `from_start`."""

    since = fields.AwareDateTime(
        data_key="from", format="iso", metadata={"description": "A time with its time zone."}
    )
    from_start = TruthField(
        load_default=False,
        metadata={"description": "All that the log holds.", "example": False},
    )
    dry_run = TruthField(
        load_default=False,
        metadata={"description": "Whether to find out only what would be done."},
    )
    reason = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_REASON), metadata=_REASON
    )


class SubscriptionReplayedSchema(ResourceSchema):
    """What a replay does: where it begins, which slots go back, in how many places is emptied."""

    subscription = fields.String(required=True, metadata={"example": SUBSCRIPTION})
    policy = fields.String(required=True, metadata={"example": "idempotent"})
    since = fields.AwareDateTime(required=True, format="iso")
    slots = fields.List(fields.Integer(), required=True)
    reset = fields.Integer(required=True)
