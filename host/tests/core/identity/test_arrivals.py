"""Accounts that come into being: told once to the deployment, with what led to them."""

from __future__ import annotations

import pytest

from meishi.core.identity.contract import (
    Accounts,
    InvalidAccount,
    Setup,
    UserSignedUp,
    WorkspaceFounded,
)
from meishi.host import Host
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .people import PASSWORD, People

EMAIL = "anna@example.com"


def sign_up(people: People, referral: str | None, email: str = EMAIL) -> None:
    """Open an account that something led to."""
    people.call(
        Accounts,
        lambda it: it.sign_up(email=email, name="Anna", password=PASSWORD, referral=referral),
    )


def test_an_account_is_told_of_when_its_address_is_proved(
    people: People, published_events: PublishedEvents
) -> None:
    """The event belongs to the deployment, and comes once, with what led there."""
    sign_up(people, " AB12.journey_~x-9 ")
    secret = people.link()
    assert published_events(UserSignedUp) == []
    user_id = people.verify(secret)
    (told,) = [it for it in published_events.entries() if isinstance(it.event, UserSignedUp)]
    assert told.event == UserSignedUp(user_id=user_id, referral="AB12.journey_~x-9")
    assert told.workspace is None
    people.call(Accounts, lambda it: it.request_reset(EMAIL))
    reset = people.link()
    people.call(Accounts, lambda it: it.reset_password(reset, "another long phrase"))
    assert len(published_events(UserSignedUp)) == 1


def test_who_comes_again_before_the_address_is_proved_was_led_by_what_came_last(
    people: People, published_events: PublishedEvents
) -> None:
    """Nobody holds an address for a referral of theirs by opening an account for it first."""
    for referral in ("first", "SECOND", None):
        sign_up(people, referral)
    user_id = people.verify(people.link())
    sign_up(people, "late")
    assert published_events(UserSignedUp) == [UserSignedUp(user_id=user_id, referral="SECOND")]


def test_a_reset_proves_the_address_as_well(
    people: People, published_events: PublishedEvents, host: Host
) -> None:
    """Whoever forgets the password before the first sign-in arrives by the reset's link."""
    sign_up(people, "AB12")
    people.call(Accounts, lambda it: it.request_reset(EMAIL))
    reset = people.link()
    user_id = people.call(Accounts, lambda it: it.reset_password(reset, "another long phrase"))
    assert published_events(UserSignedUp) == [UserSignedUp(user_id=user_id, referral="AB12")]
    with host.scope(plugin="identity") as scope:
        kept = scope.work.execute('SELECT referral FROM identity."user"')
    assert kept == [(None,)]


def test_accounts_of_operators_and_of_who_is_invited_are_told_of_too(
    people: People, published_events: PublishedEvents, workspace: WorkspaceUnderTest
) -> None:
    """Nothing led there; the event is the deployment's, though the call comes from a workspace."""
    people.call(Setup, lambda it: it.give_password(email="owner@one.example", password=PASSWORD))
    with workspace.acting_as("identity") as scope:
        invited = scope.host.service(Accounts).sign_up_invited(
            email="bo@example.com", name="Bo", password=PASSWORD
        )
    found = [it for it in published_events.entries() if isinstance(it.event, UserSignedUp)]
    assert [(it.event, it.workspace) for it in found] == [
        (UserSignedUp(user_id=workspace.owner_id), None),
        (UserSignedUp(user_id=invited or workspace.owner_id), None),
    ]


def test_a_workspace_is_told_of_its_founding(
    people: People, published_events: PublishedEvents
) -> None:
    """The event stands in the new workspace, whoever founds it from wherever."""
    user_id = people.member()
    founded = people.found(user_id, "new")
    (told,) = [it for it in published_events.entries() if isinstance(it.event, WorkspaceFounded)]
    assert (told.event, told.workspace) == (
        WorkspaceFounded(workspace_id=founded, user_id=user_id),
        founded,
    )


@pytest.mark.parametrize("referral", ["a b", "x" * 201, "<script>", "ä", "a;b"])
def test_what_cannot_be_a_referral_is_refused(people: People, referral: str) -> None:
    """It would stand in addresses, cookies and the log."""
    with pytest.raises(InvalidAccount, match="referral code"):
        sign_up(people, referral)
