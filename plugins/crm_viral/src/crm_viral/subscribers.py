"""What the viral engine does when others tell of something, or when a workspace is told of it."""

from __future__ import annotations

from collections.abc import Sequence

from crm_viral.contract import (
    Arrival,
    Conversions,
    DueReward,
    Home,
    Recognition,
    RefereeSettled,
    ReferralArrived,
    ReferralConverted,
    ReferralReversed,
    ReferralRewarded,
    RewardDue,
    RewardRevoked,
    Rewards,
    SignUp,
)
from meishi.core.identity.contract import MemberJoined, UserSignedUp, WorkspaceFounded
from meishi.sdk.context import current_workspace, service
from meishi.sdk.events import envelope


def on_user_signed_up(events: Sequence[UserSignedUp]) -> None:
    """Let the workspaces of links hear who came; this runs in no workspace."""
    came = tuple(
        SignUp(user_id=event.user_id, referral=event.referral, at=envelope(event).time)
        for event in events
        if event.referral is not None
    )
    if came:
        service(Conversions).announce(came)


def on_referral_arrived(events: Sequence[ReferralArrived]) -> None:
    """Decide whom sign-ups are owed to, in the programme's workspace."""
    service(Conversions).convert(
        tuple(
            Arrival(
                user_id=event.user_id,
                link_id=event.link_id,
                visitor=event.visitor,
                at=event.signed_up_at,
            )
            for event in events
        )
    )


def on_workspace_founded(events: Sequence[WorkspaceFounded]) -> None:
    """Look for what the founders are owed."""
    service(Rewards).seek(
        tuple(Home(user_id=it.user_id, workspace_id=it.workspace_id) for it in events)
    )


def on_member_joined(events: Sequence[MemberJoined]) -> None:
    """Look for what the members are owed, who may have had no workspace before."""
    here = current_workspace()
    service(Rewards).seek(tuple(Home(user_id=it.user_id, workspace_id=here) for it in events))


def on_referee_settled(events: Sequence[RefereeSettled]) -> None:
    """Send referees what they are owed, from the programme's workspace."""
    service(Rewards).settle(
        tuple(Home(user_id=it.user_id, workspace_id=it.workspace_id) for it in events)
    )


def on_reward_due(events: Sequence[RewardDue]) -> None:
    """Write what referees get into the ledger of their workspace."""
    service(Rewards).accrue(
        tuple(
            DueReward(
                conversion_id=it.conversion_id,
                programme_id=it.programme_id,
                beneficiary_id=it.beneficiary_id,
                amount=it.amount,
                unit=it.unit,
                rule_version=it.rule_version,
            )
            for it in events
        )
    )


def on_reward_revoked(events: Sequence[RewardRevoked]) -> None:
    """Take back what referees got."""
    service(Rewards).revoke(tuple(it.conversion_id for it in events))


def on_referral_converted(events: Sequence[ReferralConverted]) -> None:
    """Look for the people of a referral among contacts."""
    for event in events:
        service(Recognition).referral(
            event.conversion_id, referrer_id=event.referrer_id, referee_id=event.referee_id
        )


def on_rewarded(events: Sequence[ReferralRewarded | ReferralReversed]) -> None:
    """Look for those who have got rewards, or have lost them, among contacts."""
    for event in events:
        service(Recognition).reward(
            event.conversion_id,
            reward_id=event.reward_id,
            beneficiary_id=event.beneficiary_id,
            taken_back=isinstance(event, ReferralReversed),
        )
