"""Conversions and rewards over HTTP."""

from __future__ import annotations

from marshmallow import fields

from crm_viral.contract import (
    AttributionMethod,
    EntryKind,
    Grant,
    RewardRule,
    Verdict,
)
from crm_viral.schemas.fields import WHOLE, moment
from meishi.sdk.http import PageSchema, ResourceSchema


class WeighedTouchSchema(ResourceSchema):
    """A touch as the attribution saw it."""

    touch_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    at = moment(required=True)
    verdict = fields.Enum(
        Verdict, by_value=True, required=True, metadata={"description": "Why it won or lost."}
    )


class WeighedRewardSchema(ResourceSchema):
    """A side of the double reward as it was decided."""

    rule = fields.Enum(RewardRule, by_value=True, required=True)
    amount = fields.Integer(required=True)
    grant = fields.Enum(Grant, by_value=True, required=True)


class ConversionSchema(ResourceSchema):
    """A sign-up, whom it is owed to, and why."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    touch_id = fields.UUID(required=True, allow_none=True, metadata={"example": None})
    referrer_id = fields.UUID(required=True)
    referee_id = fields.UUID(required=True)
    method = fields.Enum(AttributionMethod, by_value=True, required=True)
    rule_version = fields.Integer(required=True)
    touches = fields.List(fields.Nested(WeighedTouchSchema), required=True)
    rewards = fields.List(fields.Nested(WeighedRewardSchema), required=True)
    referee_waits = fields.Boolean(
        required=True,
        metadata={"description": "Whether the referee has no workspace yet to get theirs in."},
    )
    converted_at = moment(required=True)
    reversed_at = moment(None, required=True, allow_none=True)
    version = fields.Integer(required=True)


class RewardSchema(ResourceSchema):
    """A line of the ledger."""

    id = fields.UUID(required=True)
    kind = fields.Enum(EntryKind, by_value=True, required=True)
    rule = fields.Enum(RewardRule, by_value=True, required=True)
    programme_id = fields.UUID(required=True)
    conversion_id = fields.UUID(required=True)
    beneficiary_id = fields.UUID(required=True)
    amount = fields.Integer(required=True, metadata={"description": f"{WHOLE}; signed."})
    unit = fields.String(required=True, metadata={"example": "credit"})
    rule_version = fields.Integer(required=True)
    cause_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The line that is taken back.", "example": None},
    )
    at = moment(required=True)


class ConversionPageSchema(PageSchema):
    """Conversions in the order in which they were decided."""

    items = fields.List(fields.Nested(ConversionSchema), required=True)


class RewardPageSchema(PageSchema):
    """The ledger in its order."""

    items = fields.List(fields.Nested(RewardSchema), required=True)
