"""Conversions: sign-ups, and whom they are owed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AttributionMethod(StrEnum):
    """Why somebody is the referrer: their code was typed, or their link was followed last."""

    TYPED_CODE = "typed_code"
    LAST_CLICK = "last_click"


class Verdict(StrEnum):
    """Why a touch won or lost."""

    LAST = "last"
    EARLIER = "earlier"
    TOO_OLD = "too_old"
    AFTER_SIGN_UP = "after_sign_up"
    OWN_LINK = "own_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedTouch:
    """A touch as the attribution saw it."""

    touch_id: UUID
    link_id: UUID
    at: datetime
    verdict: Verdict


class RewardRule(StrEnum):
    """Whose reward it is."""

    REFERRER = "referrer"
    REFEREE = "referee"


class Grant(StrEnum):
    """Whether a reward was granted, and if not, what stood against it."""

    GRANTED = "granted"
    NOTHING_PROMISED = "nothing_promised"
    PERSON_CAP = "person_cap"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedReward:
    """A side of the double reward as it was decided."""

    rule: RewardRule
    amount: int
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A sign-up and whom it is owed to, with all that the decision rests on.

    `referee_waits` says that the referee has a reward, but no workspace yet to get it in.
    """

    id: UUID
    programme_id: UUID
    link_id: UUID
    touch_id: UUID | None
    referrer_id: UUID
    referee_id: UUID
    method: AttributionMethod
    rule_version: int
    touches: tuple[WeighedTouch, ...]
    rewards: tuple[WeighedReward, ...]
    referee_waits: bool
    converted_at: datetime
    reversed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPage:
    """Conversions in the order in which they were decided."""

    items: tuple[Conversion, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """An account that has come into being, and what led to it."""

    user_id: UUID
    referral: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A sign-up as the workspace of its link hears of it; without a visitor a code was typed."""

    user_id: UUID
    link_id: UUID
    visitor: str | None
    at: datetime
