"""Hooks of the viral engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crm_viral.cli import viral
from crm_viral.contract import (
    Conversions,
    Participation,
    Programmes,
    Recognition,
    RefereeSettled,
    ReferralArrived,
    ReferralConverted,
    ReferralRecognised,
    ReferralReversed,
    ReferralRewarded,
    ReferralTouched,
    ReversalRecognised,
    RewardDue,
    RewardRecognised,
    RewardRevoked,
    Rewards,
    Sample,
    Touches,
)
from crm_viral.models import metadata
from crm_viral.pages import NAVIGATION, PAGES, PANELS, link_of_maker, public_pages_of_links
from crm_viral.routes import blueprint
from crm_viral.schemas import RESOURCES
from crm_viral.service import (
    ConversionService,
    ParticipationService,
    ProgrammeService,
    RecognitionService,
    RewardService,
    SampleService,
    TouchService,
    people,
)
from crm_viral.subscribers import (
    on_member_joined,
    on_referee_settled,
    on_referral_arrived,
    on_referral_converted,
    on_reward_due,
    on_reward_revoked,
    on_rewarded,
    on_user_signed_up,
    on_workspace_founded,
)
from meishi.core.identity.contract import MemberJoined, UserSignedUp, WorkspaceFounded
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PublicPage,
    ReplayPolicy,
    Role,
    Schemas,
    Service,
    Subscription,
    hookimpl,
    on,
)
from meishi.sdk.texts import noted

if TYPE_CHECKING:
    from crm_contacts.contract import TimelineSource
    from meishi.core.analytics.contract import Metric
    from qr.contract import CardInvitation


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def public_pages() -> Sequence[PublicPage]:
    """Return where links lead to."""
    return public_pages_of_links()


@hookimpl
def pages() -> Sequence[Page]:
    """Return the pages of the console."""
    return PAGES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to them."""
    return NAVIGATION


@hookimpl
def panels() -> Sequence[Panel]:
    """Return what stands on pages of others."""
    return PANELS


@hookimpl
def schemas() -> Schemas:
    """Return tables and resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("crm_viral.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published, here and to other workspaces."""
    return [
        RefereeSettled,
        ReferralArrived,
        ReferralConverted,
        ReferralRecognised,
        ReferralReversed,
        ReferralRewarded,
        ReferralTouched,
        ReversalRecognised,
        RewardDue,
        RewardRecognised,
        RewardRevoked,
    ]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard, one after another: who looks for debts sees each conversion whole."""
    # Told again, it would stand on timelines twice.
    recognition = Subscription(name="recognition", replay=ReplayPolicy.NEVER)
    referrals = Subscription(name="referrals", replay=ReplayPolicy.IDEMPOTENT, slots=1)
    return [
        on(UserSignedUp, on_user_signed_up, subscription=referrals),
        on(ReferralArrived, on_referral_arrived, subscription=referrals),
        on(WorkspaceFounded, on_workspace_founded, subscription=referrals),
        on(MemberJoined, on_member_joined, subscription=referrals),
        on(RefereeSettled, on_referee_settled, subscription=referrals),
        on(RewardDue, on_reward_due, subscription=referrals),
        on(RewardRevoked, on_reward_revoked, subscription=referrals),
        on(ReferralConverted, on_referral_converted, subscription=recognition),
        on(ReferralRewarded, on_rewarded, subscription=recognition),
        on(ReferralReversed, on_rewarded, subscription=recognition),
    ]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Programmes, ProgrammeService),
        Service(Participation, ParticipationService),
        Service(Touches, TouchService),
        Service(Conversions, ConversionService),
        Service(Rewards, RewardService),
        Service(Recognition, RecognitionService),
        Service(Sample, SampleService),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that routes and pages ask for."""
    return [
        Permission(name="read", title="See referral programmes and rewards", roles=tuple(Role)),
        Permission(
            name="take_part",
            title="Take part in referral programmes",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
        Permission(name="write", title="Run referral programmes, and take rewards back"),
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what is known of their referrals, and what stays of it."""
    return PersonalData(export=people.export, erase=people.erase)


@hookimpl
def cli() -> click.Group:
    """Return the commands."""
    return viral


@hookimpl(optionalhook=True)
def analytics_metrics() -> Sequence[Metric]:
    """Return what is counted here: how many of a workspace's referrals led to a sign-up."""
    from meishi.core.analytics.contract import Metric

    title = noted("Sign-ups by referral")
    return [Metric(name="conversions", title=title, event=ReferralConverted, funnel=60)]


@hookimpl(optionalhook=True)
def contacts_timeline_sources() -> Sequence[TimelineSource]:
    """Return what timelines of contacts tell: who came by whom, and what they got for it."""
    from crm_contacts.contract import TimelineSource

    came, rewarded = noted("Signed up by a referral"), noted("Got a reward for a referral")
    led, lost = noted("Led somebody to sign up"), noted("Lost a reward for a referral")
    told: Sequence[tuple[str, str, type[Event], str]] = (
        ("came_by_referral", came, ReferralRecognised, "referee_contact_ids"),
        ("led_by_referral", led, ReferralRecognised, "referrer_contact_ids"),
        ("reward_earned", rewarded, RewardRecognised, "contact_ids"),
        ("reward_lost", lost, ReversalRecognised, "contact_ids"),
    )
    return [
        TimelineSource(
            name=name, title=title, event=event, contacts=(field,), permission="viral.read"
        )
        for name, title, event, field in told
    ]


@hookimpl(optionalhook=True)
def qr_card_invitations() -> Sequence[CardInvitation]:
    """Return where visitors of a card make their own."""
    from qr.contract import CardInvitation

    return [CardInvitation(address=link_of_maker)]
