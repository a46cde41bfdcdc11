"""What happens in referral programmes: ids, never names, addresses or cookies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralTouched(Event):
    """Somebody has followed a link."""

    event_type: ClassVar[str] = "referral.touched.v1"
    subject: ClassVar[str] = "link_id"

    touch_id: UUID
    link_id: UUID
    programme_id: UUID
    channel: str | None
    placement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralArrived(Event):
    """Somebody has opened an account whom a link of this workspace led there.

    Addressed to the programme's workspace. `visitor` is a keyed digest, None for a typed code.
    """

    event_type: ClassVar[str] = "referral.arrived.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID
    link_id: UUID
    visitor: str | None
    signed_up_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralConverted(Event):
    """A sign-up is owed to somebody."""

    event_type: ClassVar[str] = "referral.converted.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    programme_id: UUID
    link_id: UUID
    referrer_id: UUID
    referee_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRewarded(Event):
    """Somebody has got a reward in this workspace."""

    event_type: ClassVar[str] = "referral.rewarded.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    programme_id: UUID
    reward_id: UUID
    beneficiary_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReversed(Event):
    """A reward was taken back in this workspace."""

    event_type: ClassVar[str] = "referral.reversed.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    programme_id: UUID
    reward_id: UUID
    beneficiary_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefereeSettled(Event):
    """A referee has a workspace; addressed to that of the programme that owes them something."""

    event_type: ClassVar[str] = "referral.referee_settled.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID
    workspace_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardDue(Event):
    """A referee is owed a reward; addressed to the referee's workspace."""

    event_type: ClassVar[str] = "referral.reward_due.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    programme_id: UUID
    beneficiary_id: UUID
    amount: int
    unit: str
    rule_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRevoked(Event):
    """A referee's reward is taken back; addressed to the referee's workspace."""

    event_type: ClassVar[str] = "referral.reward_revoked.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
