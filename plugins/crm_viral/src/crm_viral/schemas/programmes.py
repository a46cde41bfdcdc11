"""Programmes and their growth over HTTP."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_viral.contract import (
    ProgrammeState,
)
from crm_viral.schemas.fields import AMOUNT, NAME, WHOLE, moment
from meishi.sdk.http import PageSchema, ResourceSchema, list_query_schema


class ProgrammePatchSchema(ResourceSchema):
    """What of a programme can change (JSON Merge Patch, RFC 7396); what was granted stays."""

    name = fields.String(validate=NAME, metadata={"example": "Friends of friends"})
    starts_at = moment()
    ends_at = moment(None, allow_none=True)
    state = fields.Enum(ProgrammeState, by_value=True)
    referrer_reward = fields.Integer(
        strict=True, validate=AMOUNT, metadata={"description": f"{WHOLE}.", "example": 500}
    )
    referee_reward = fields.Integer(
        strict=True, validate=AMOUNT, metadata={"description": f"{WHOLE}.", "example": 300}
    )
    window_days = fields.Integer(
        strict=True,
        validate=validate.Range(1, 365),
        metadata={"description": "How long a followed link counts for a sign-up.", "example": 30},
    )
    person_cap = fields.Integer(
        strict=True,
        allow_none=True,
        validate=AMOUNT,
        metadata={"description": "What one referrer gets at most; null is no limit."},
    )
    budget = fields.Integer(
        strict=True,
        allow_none=True,
        validate=AMOUNT,
        metadata={"description": "What all get together at most; null is no limit."},
    )


class ProgrammeDraftSchema(ProgrammePatchSchema):
    """What a programme promises."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "Friends"})
    starts_at = moment(required=True)
    unit = fields.String(
        load_default="credit",
        validate=validate.Regexp(r"[A-Za-z]{1,20}\Z"),
        metadata={"description": "What amounts are of; it stays.", "example": "credit"},
    )


class ProgrammeFormSchema(ResourceSchema):
    """What people say of a new programme, which begins at once."""

    name = fields.String(required=True, validate=NAME, metadata={"title": "Name"})
    referrer_reward = fields.Integer(
        required=True,
        validate=AMOUNT,
        metadata={"title": "For who brings somebody", "description": f"{WHOLE}."},
    )
    referee_reward = fields.Integer(
        required=True,
        validate=AMOUNT,
        metadata={"title": "For who comes", "description": f"{WHOLE}."},
    )
    unit = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z]{1,20}\Z"),
        metadata={"title": "Unit", "description": "What amounts are of: letters only."},
    )
    budget = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=AMOUNT,
        metadata={"title": "Budget", "description": "What all get at most; empty is no limit."},
    )


class ProgrammeSchema(ResourceSchema):
    """A referral programme."""

    id = fields.UUID(required=True)
    name = fields.String(
        attribute="rules.name", required=True, metadata={"example": "Friends of friends"}
    )
    starts_at = moment(attribute="rules.starts_at", required=True)
    ends_at = moment(None, attribute="rules.ends_at", required=True, allow_none=True)
    state = fields.Enum(ProgrammeState, by_value=True, attribute="rules.state", required=True)
    unit = fields.String(attribute="rules.unit", required=True, metadata={"example": "credit"})
    referrer_reward = fields.Integer(attribute="rules.referrer_reward", required=True)
    referee_reward = fields.Integer(attribute="rules.referee_reward", required=True)
    window_days = fields.Integer(attribute="rules.window_days", required=True)
    person_cap = fields.Integer(attribute="rules.person_cap", required=True, allow_none=True)
    budget = fields.Integer(attribute="rules.budget", required=True, allow_none=True)
    spent = fields.Integer(required=True, metadata={"description": "Of the budget."})
    rule_version = fields.Integer(
        required=True, metadata={"description": "Grows whenever what is promised changes."}
    )
    version = fields.Integer(required=True)
    created_at = moment(required=True)
    updated_at = moment(required=True)


class GrowthQuerySchema(ResourceSchema):
    """Which cohort to tell of."""

    programme_id = fields.UUID(required=True)
    since = moment("2026-01-01T00:00:00Z", required=True)
    until = moment("2027-01-01T00:00:00Z", required=True)
    horizon_days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 365),
        metadata={"description": "Days that each member is watched for."},
    )


class GrowthSchema(ResourceSchema):
    """How a cohort grows; null where it has no members of that age."""

    members = fields.Integer(required=True)
    invitations = fields.Integer(
        required=True, metadata={"description": "Visitors of the members' links."}
    )
    activated = fields.Integer(required=True, metadata={"description": "Sign-ups they led to."})
    invitations_each = fields.Float(required=True, allow_none=True)
    conversion = fields.Float(required=True, allow_none=True)
    k = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Sign-ups per member.", "example": 0.6},
    )
    k_low = fields.Float(required=True, allow_none=True, metadata={"example": 0.52})
    k_high = fields.Float(required=True, allow_none=True, metadata={"example": 0.69})
    confidence = fields.Float(required=True, metadata={"example": 0.95})


class ProgrammePageSchema(PageSchema):
    """Programmes in order of creation."""

    items = fields.List(fields.Nested(ProgrammeSchema), required=True)


ProgrammeQuerySchema = list_query_schema("ProgrammeQuerySchema")
