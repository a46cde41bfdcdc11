"""Granting: what both sides of a conversion get, within cap and budget."""

from __future__ import annotations

from dataclasses import dataclass

from crm_viral.contract import Grant, ProgrammeRules, RewardRule, WeighedReward


@dataclass(slots=True)
class Purse:
    """What is spent of a programme, while its row is locked."""

    rules: ProgrammeRules
    spent: int

    def grant(self, earned: int) -> tuple[WeighedReward, WeighedReward]:
        """Decide about referrer and referee, of whom the first has `earned` so far.

        A reward is granted whole or not at all.
        """
        cap = self.rules.person_cap
        referrer = self._side(
            RewardRule.REFERRER,
            self.rules.referrer_reward,
            capped=cap is not None and earned + self.rules.referrer_reward > cap,
        )
        return referrer, self._side(RewardRule.REFEREE, self.rules.referee_reward, capped=False)

    def _side(self, rule: RewardRule, amount: int, *, capped: bool) -> WeighedReward:
        budget = self.rules.budget
        if amount == 0:
            return WeighedReward(rule=rule, amount=0, grant=Grant.NOTHING_PROMISED)
        if capped:
            return WeighedReward(rule=rule, amount=0, grant=Grant.PERSON_CAP)
        if budget is not None and self.spent + amount > budget:
            return WeighedReward(rule=rule, amount=0, grant=Grant.BUDGET)
        self.spent += amount
        return WeighedReward(rule=rule, amount=amount, grant=Grant.GRANTED)
