"""Rewards: the ledger of a workspace, and the way of a referee's side into theirs."""

from __future__ import annotations

from uuid import UUID

from crm_viral.contract import (
    DueReward,
    Home,
    RefereeSettled,
    ReferralReversed,
    ReferralRewarded,
    Reward,
    RewardDue,
    RewardPage,
    RewardRule,
)
from crm_viral.repository import conversions, ledger
from crm_viral.service.programmes import size
from meishi.sdk.context import publish, publish_to
from meishi.sdk.plugin import PluginContext


class RewardService:
    """Implements `Rewards`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> RewardPage:
        """Return the ledger in its order, or newest first."""
        found = ledger.listed(
            programme_id=programme_id,
            after=after,
            limit=size(limit),
            with_total=with_total,
            newest=newest,
        )
        return RewardPage(items=found[0], next_after=found[1], total=found[2])

    def seek(self, homes: tuple[Home, ...]) -> None:
        """Let those hear who owe something to users that have a workspace now."""
        for home, owing in conversions.owing(homes):
            settled = RefereeSettled(user_id=home.user_id, workspace_id=home.workspace_id)
            publish_to(owing, settled)

    def settle(self, homes: tuple[Home, ...]) -> None:
        """Send referees what they are owed here."""
        for home, reward in conversions.settle(homes):
            publish_to(home, due_event(reward))

    def accrue(self, due: tuple[DueReward, ...]) -> None:
        """Write rewards of referees into the ledger, each once."""
        ids = [self._new_id() for _ in due]
        added = ledger.accrue(due, RewardRule.REFEREE, ids, self._clock())
        publish(*map(rewarded_event, added))

    def revoke(self, conversion_ids: tuple[UUID, ...]) -> None:
        """Take rewards of referees back, each once."""
        ids = [self._new_id() for _ in conversion_ids]
        taken = ledger.reverse(conversion_ids, RewardRule.REFEREE, ids, self._clock())
        publish(*map(reversed_event, taken))


def due_event(reward: DueReward) -> RewardDue:
    """Return what tells a workspace of a reward that is due there."""
    return RewardDue(
        conversion_id=reward.conversion_id,
        programme_id=reward.programme_id,
        beneficiary_id=reward.beneficiary_id,
        amount=reward.amount,
        unit=reward.unit,
        rule_version=reward.rule_version,
    )


def rewarded_event(entry: Reward) -> ReferralRewarded:
    """Return what tells of a new line of the ledger."""
    return ReferralRewarded(
        conversion_id=entry.conversion_id,
        programme_id=entry.programme_id,
        reward_id=entry.id,
        beneficiary_id=entry.beneficiary_id,
    )


def reversed_event(entry: Reward) -> ReferralReversed:
    """Return what tells of a line that takes another one back."""
    return ReferralReversed(
        conversion_id=entry.conversion_id,
        programme_id=entry.programme_id,
        reward_id=entry.id,
        beneficiary_id=entry.beneficiary_id,
    )
