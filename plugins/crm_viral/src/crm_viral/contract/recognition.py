"""People of referrals among the contacts of a workspace: what is published of them, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from meishi.sdk.contract import Event, command


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRecognised(Event):
    """Of a sign-up that is owed to somebody, one side or both are contacts of this workspace."""

    event_type: ClassVar[str] = "referral.recognised.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    referrer_contact_ids: tuple[UUID, ...]
    referee_contact_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecognised(Event):
    """Who has got a reward in this workspace is a contact of it."""

    event_type: ClassVar[str] = "referral.reward_recognised.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    reward_id: UUID
    contact_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalRecognised(Event):
    """Whose reward was taken back in this workspace is a contact of it."""

    event_type: ClassVar[str] = "referral.reversal_recognised.v1"
    subject: ClassVar[str] = "conversion_id"

    conversion_id: UUID
    reward_id: UUID
    contact_ids: tuple[UUID, ...]


class Recognition(Protocol):
    """Accounts of referrals as contacts of the current workspace.

    They are the same where the account has shown that an address is its own which the contact has.
    Where there are no contacts, nobody is recognised.
    """

    @command()
    def referral(self, conversion_id: UUID, *, referrer_id: UUID, referee_id: UUID) -> None:
        """Publish whom of a referral the workspace knows."""
        ...

    @command()
    def reward(
        self, conversion_id: UUID, *, reward_id: UUID, beneficiary_id: UUID, taken_back: bool
    ) -> None:
        """Publish who has got a reward, or has lost it, if the workspace knows them."""
        ...
