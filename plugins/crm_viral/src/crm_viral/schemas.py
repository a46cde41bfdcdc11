"""Resource schemas of the viral engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate

from crm_viral.contract import (
    AttributionMethod,
    EntryKind,
    Grant,
    ProgrammeState,
    RewardRule,
    Verdict,
)
from meishi.sdk.http import CursorTextField, Filter, ResourceSchema, list_query_schema

_NEXT = {"description": "Null on the last page."}
#: Times far outside of these cannot be read back with every offset.
_TIMES = validate.Range(datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))
_NAME = validate.Length(1, 200)
_AMOUNT = validate.Range(0, 10**12)
_WHOLE = "In whole numbers of the smallest unit"
_CODE = "7V3K9Q2M4X"


def _moment(example: str | None = "2026-12-01T00:00:00Z", **options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso", validate=_TIMES, metadata={"example": example}, **options
    )


class ProgrammePatchSchema(ResourceSchema):
    """What of a programme can change (JSON Merge Patch, RFC 7396); what was granted stays."""

    name = fields.String(validate=_NAME, metadata={"example": "Friends of friends"})
    starts_at = _moment()
    ends_at = _moment(None, allow_none=True)
    state = fields.Enum(ProgrammeState, by_value=True)
    referrer_reward = fields.Integer(
        strict=True, validate=_AMOUNT, metadata={"description": f"{_WHOLE}.", "example": 500}
    )
    referee_reward = fields.Integer(
        strict=True, validate=_AMOUNT, metadata={"description": f"{_WHOLE}.", "example": 300}
    )
    window_days = fields.Integer(
        strict=True,
        validate=validate.Range(1, 365),
        metadata={"description": "How long a followed link counts for a sign-up.", "example": 30},
    )
    person_cap = fields.Integer(
        strict=True,
        allow_none=True,
        validate=_AMOUNT,
        metadata={"description": "What one referrer gets at most; null is no limit."},
    )
    budget = fields.Integer(
        strict=True,
        allow_none=True,
        validate=_AMOUNT,
        metadata={"description": "What all get together at most; null is no limit."},
    )


class ProgrammeDraftSchema(ProgrammePatchSchema):
    """What a programme promises."""

    name = fields.String(required=True, validate=_NAME, metadata={"example": "Friends"})
    starts_at = _moment(required=True)
    unit = fields.String(
        load_default="credit",
        validate=validate.Regexp(r"[A-Za-z]{1,20}\Z"),
        metadata={"description": "What amounts are of; it stays.", "example": "credit"},
    )


class ProgrammeFormSchema(ResourceSchema):
    """What people say of a new programme, which begins at once."""

    name = fields.String(required=True, validate=_NAME, metadata={"title": "Name"})
    referrer_reward = fields.Integer(
        required=True,
        validate=_AMOUNT,
        metadata={"title": "For who brings somebody", "description": f"{_WHOLE}."},
    )
    referee_reward = fields.Integer(
        required=True,
        validate=_AMOUNT,
        metadata={"title": "For who comes", "description": f"{_WHOLE}."},
    )
    unit = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z]{1,20}\Z"),
        metadata={"title": "Unit", "description": "What amounts are of: letters only."},
    )
    budget = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=_AMOUNT,
        metadata={"title": "Budget", "description": "What all get at most; empty is no limit."},
    )


class ProgrammeSchema(ResourceSchema):
    """A referral programme."""

    id = fields.UUID(required=True)
    name = fields.String(
        attribute="rules.name", required=True, metadata={"example": "Friends of friends"}
    )
    starts_at = _moment(attribute="rules.starts_at", required=True)
    ends_at = _moment(None, attribute="rules.ends_at", required=True, allow_none=True)
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
    created_at = _moment(required=True)
    updated_at = _moment(required=True)


class ParticipantSchema(ResourceSchema):
    """A user who takes part in a programme."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    earned = fields.Integer(required=True, metadata={"description": "As a referrer, here."})
    joined_at = _moment(required=True)


class LinkDraftSchema(ResourceSchema):
    """Which programme a link is for; whoever has none yet takes part from then on."""

    programme_id = fields.UUID(required=True)
    label = fields.String(
        load_default=None, allow_none=True, validate=_NAME, metadata={"example": "Business card"}
    )


class LinkSchema(ResourceSchema):
    """A link that somebody shares."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    code = fields.String(
        required=True, metadata={"description": "What people type instead.", "example": _CODE}
    )
    url = fields.String(
        required=True,
        metadata={
            "description": "Takes `?c=` (channel) and `?p=` (placement).",
            "example": f"https://example.com/J/{_CODE}",
        },
    )
    label = fields.String(required=True, allow_none=True, metadata={"example": "Business card"})
    created_at = _moment(required=True)
    version = fields.Integer(required=True)


class TouchSchema(ResourceSchema):
    """Somebody has followed a link; who that was, nobody can tell."""

    id = fields.UUID(required=True)
    programme_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    channel = fields.String(required=True, allow_none=True, metadata={"example": "mail"})
    placement = fields.String(required=True, allow_none=True, metadata={"example": "footer"})
    at = _moment(required=True)


class WeighedTouchSchema(ResourceSchema):
    """A touch as the attribution saw it."""

    touch_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    at = _moment(required=True)
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
    converted_at = _moment(required=True)
    reversed_at = _moment(None, required=True, allow_none=True)
    version = fields.Integer(required=True)


class RewardSchema(ResourceSchema):
    """A line of the ledger."""

    id = fields.UUID(required=True)
    kind = fields.Enum(EntryKind, by_value=True, required=True)
    rule = fields.Enum(RewardRule, by_value=True, required=True)
    programme_id = fields.UUID(required=True)
    conversion_id = fields.UUID(required=True)
    beneficiary_id = fields.UUID(required=True)
    amount = fields.Integer(required=True, metadata={"description": f"{_WHOLE}; signed."})
    unit = fields.String(required=True, metadata={"example": "credit"})
    rule_version = fields.Integer(required=True)
    cause_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The line that is taken back.", "example": None},
    )
    at = _moment(required=True)


class GrowthQuerySchema(ResourceSchema):
    """Which cohort to tell of."""

    programme_id = fields.UUID(required=True)
    since = _moment("2026-01-01T00:00:00Z", required=True)
    until = _moment("2027-01-01T00:00:00Z", required=True)
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


class ProgrammePageSchema(ResourceSchema):
    """Programmes in order of creation."""

    items = fields.List(fields.Nested(ProgrammeSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


class ParticipantPageSchema(ResourceSchema):
    """Participants in the order in which they came."""

    items = fields.List(fields.Nested(ParticipantSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


class LinkPageSchema(ResourceSchema):
    """Links in order of creation."""

    items = fields.List(fields.Nested(LinkSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


class TouchPageSchema(ResourceSchema):
    """Touches in order of time."""

    items = fields.List(fields.Nested(TouchSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


class ConversionPageSchema(ResourceSchema):
    """Conversions in the order in which they were decided."""

    items = fields.List(fields.Nested(ConversionSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


class RewardPageSchema(ResourceSchema):
    """The ledger in its order."""

    items = fields.List(fields.Nested(RewardSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True, metadata=_NEXT)
    total = fields.Integer()


ProgrammeQuerySchema = list_query_schema("ProgrammeQuerySchema")
OfProgrammeQuerySchema = list_query_schema(
    "OfProgrammeQuerySchema", filters={"programme_id": Filter(fields.UUID)}
)

RESOURCES = (
    ProgrammePatchSchema,
    ProgrammeDraftSchema,
    ProgrammeSchema,
    ProgrammePageSchema,
    ParticipantSchema,
    ParticipantPageSchema,
    LinkDraftSchema,
    LinkSchema,
    LinkPageSchema,
    TouchSchema,
    TouchPageSchema,
    WeighedTouchSchema,
    WeighedRewardSchema,
    ConversionSchema,
    ConversionPageSchema,
    RewardSchema,
    RewardPageSchema,
    GrowthSchema,
)
