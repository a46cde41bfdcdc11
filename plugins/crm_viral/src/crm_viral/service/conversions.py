"""Conversions: whom sign-ups are owed to."""

from __future__ import annotations

from uuid import UUID

from crm_viral.codes import referral_in
from crm_viral.contract import (
    Arrival,
    Conversion,
    ConversionNotFound,
    ConversionPage,
    ReferralArrived,
    ReferralConverted,
    RewardRevoked,
    RewardRule,
    SignUp,
)
from crm_viral.repository import conversions, ledger, links, programmes
from crm_viral.repository.conversions import NewConversion
from crm_viral.service.deciding import Deciding
from crm_viral.service.programmes import size
from crm_viral.service.rewards import due_event, reversed_event, rewarded_event
from crm_viral.service.touches import visitor_digest
from meishi.core.identity.contract import Accounts, WorkspaceMembership
from meishi.sdk.context import publish, publish_to, service
from meishi.sdk.plugin import PluginContext


class ConversionService:
    """Implements `Conversions`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._public_url = context.public_url

    def announce(self, sign_ups: tuple[SignUp, ...]) -> None:
        """Address each sign-up to the workspace of its link; codes of nobody lead nowhere."""
        read = [(it, referral_in(it.referral)) for it in sign_ups]
        found = links.resolved([referral.code for _, referral in read if referral])
        for sign_up, referral in read:
            target = found.get(referral.code) if referral else None
            if referral is None or target is None:
                continue
            visitor = None if referral.visitor is None else visitor_digest(referral.visitor).hex()
            publish_to(
                target.workspace_id,
                ReferralArrived(
                    user_id=sign_up.user_id,
                    link_id=target.link_id,
                    visitor=visitor,
                    signed_up_at=sign_up.at,
                ),
            )

    def convert(self, arrivals: tuple[Arrival, ...]) -> None:
        """Decide about sign-ups in as many statements for many as for one.

        Where referees get theirs is asked first: no row is locked while others are called.
        """
        accounts = service(Accounts)
        users = dict.fromkeys(arrival.user_id for arrival in arrivals)
        homes = {user: _first(accounts.workspaces_of(user)) for user in users}
        followed = links.of_ids([it.link_id for it in arrivals], self._public_url)
        decided = Deciding(followed, homes, self._new_id).decide(arrivals)
        if not decided.conversions:
            return
        conversions.add(decided.conversions)
        programmes.spend(decided.spent)
        links.earn(decided.earned)
        publish(*map(_converted_event, decided.conversions))
        ids = [self._new_id() for _ in decided.due_here]
        added = ledger.accrue(decided.due_here, RewardRule.REFERRER, ids, self._clock())
        publish(*map(rewarded_event, added))
        for home, reward in decided.due_elsewhere:
            publish_to(home, due_event(reward))

    def get(self, conversion_id: UUID) -> Conversion:
        """Return one conversion."""
        found = conversions.get(conversion_id)
        if found is None:
            raise ConversionNotFound(f"There is no conversion {conversion_id} in this workspace.")
        return found

    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> ConversionPage:
        """Return conversions in order, or newest first."""
        found = conversions.listed(
            programme_id=programme_id,
            after=after,
            limit=size(limit),
            with_total=with_total,
            newest=newest,
        )
        return ConversionPage(items=found[0], next_after=found[1], total=found[2])

    def reverse(self, conversion_id: UUID) -> Conversion:
        """Take back what both sides got; whoever comes second finds it done."""
        programmes.locked([self.get(conversion_id).programme_id])
        found = self.get(conversion_id)
        gone = conversions.reverse(conversion_id, self._clock())
        if gone is None:
            return found
        programmes.spend({found.programme_id: -(gone.referrer_amount + gone.referee_amount)})
        links.earn({gone.participant_id: -gone.referrer_amount})
        taken = ledger.reverse(
            [conversion_id], RewardRule.REFERRER, [self._new_id()], self._clock()
        )
        publish(*map(reversed_event, taken))
        if gone.referee_workspace_id is not None and gone.referee_amount:
            publish_to(gone.referee_workspace_id, RewardRevoked(conversion_id=conversion_id))
        return self.get(conversion_id)


def _first(memberships: tuple[WorkspaceMembership, ...]) -> UUID | None:
    """Return where somebody gets what they are owed, if they have a workspace."""
    return memberships[0].id if memberships else None


def _converted_event(new: NewConversion) -> ReferralConverted:
    return ReferralConverted(
        conversion_id=new.id,
        programme_id=new.programme_id,
        link_id=new.link_id,
        referrer_id=new.referrer_id,
        referee_id=new.referee_id,
    )
