"""Who is in a workspace, who may make whom what, and how one joins."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from uuid import UUID

import pytest

from meishi.context import Actor
from meishi.core.identity.contract import (
    InvitationForAnother,
    InvitationNotFound,
    Invitations,
    LastOwner,
    LinkInvalid,
    MemberExists,
    MemberJoined,
    MemberNotFound,
    Members,
    NotForThisRole,
    TooManyInvitations,
)
from meishi.core.identity.service.invitations import MOST
from meishi.sdk.contract import Role, VersionMismatch
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .people import PASSWORD, People, secret_in


@contextmanager
def acting(workspace: WorkspaceUnderTest, user_id: UUID | None) -> Iterator[None]:
    """Act as somebody in the workspace."""
    actor = Actor() if user_id is None else Actor(user_id=user_id)
    with workspace.host.scope(workspace=workspace.id, actor=actor):
        yield


def invite(people: People, workspace: WorkspaceUnderTest, email: str, role: Role) -> str:
    """Invite somebody as the owner, and return the link's secret."""
    people.mails()
    with acting(workspace, workspace.owner_id):
        people.host.calls.get(Invitations).create(email=email, role=role)
    return people.link()


def join(people: People, workspace: WorkspaceUnderTest, name: str, role: Role) -> UUID:
    """Have somebody new join."""
    email = f"{name}@example.com"
    secret = invite(people, workspace, email, role)
    return people.call(
        Invitations, lambda it: it.join(secret, email=email, name=name, password=PASSWORD)
    )


def roles(workspace: WorkspaceUnderTest) -> dict[str, str]:
    """Return who is what."""
    with acting(workspace, None):
        found = workspace.host.calls.get(Members).all()
    return {member.email: member.role.value for member in found}


def test_somebody_new_joins_by_the_link(
    people: People, workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """The link proves the address: an account is opened at once, and is a member."""
    secret = invite(people, workspace, "Eve@example.com", Role.MEMBER)
    offer = people.call(Invitations, lambda it: it.offer(secret))
    assert (offer.workspace, offer.role) == ("one", Role.MEMBER)
    with pytest.raises(InvitationForAnother):
        people.call(
            Invitations,
            lambda it: it.join(secret, email="x@example.com", name="X", password=PASSWORD),
        )
    eve = people.call(
        Invitations,
        lambda it: it.join(secret, email="eve@example.com", name="Eve", password=PASSWORD),
    )
    assert roles(workspace)["eve@example.com"] == "member"
    whose = people.whose(people.sign_in("eve@example.com").secret)
    assert whose is not None
    assert (whose.user_id, whose.workspace_id, whose.role) == (eve, workspace.id, Role.MEMBER)
    for gone in (
        lambda: people.call(Invitations, lambda it: it.offer(secret)),
        lambda: people.call(Invitations, lambda it: it.accept(secret, user_id=eve)),
    ):
        with pytest.raises(LinkInvalid):
            gone()
    joined = [item for item in published_events.entries() if type(item.event) is MemberJoined]
    assert [item.workspace for item in joined] == [workspace.id]


def test_who_has_an_account_accepts_with_it(people: People, workspace: WorkspaceUnderTest) -> None:
    """An invitation is for one address, and nobody else's account takes it."""
    anna, eve = people.member(), people.member("eve@example.com")
    secret = invite(people, workspace, "anna@example.com", Role.VIEWER)
    with pytest.raises(MemberExists):
        people.call(
            Invitations,
            lambda it: it.join(secret, email="anna@example.com", name="A", password=PASSWORD),
        )
    with pytest.raises(InvitationForAnother):
        people.call(Invitations, lambda it: it.accept(secret, user_id=eve))
    assert people.call(Invitations, lambda it: it.accept(secret, user_id=anna)) == workspace.id
    assert roles(workspace)["anna@example.com"] == "viewer"
    with acting(workspace, workspace.owner_id), pytest.raises(MemberExists):
        people.host.calls.get(Invitations).create(email="anna@example.com", role=Role.MEMBER)


def test_invitations_are_replaced_revoked_and_bounded(
    people: People, workspace: WorkspaceUnderTest
) -> None:
    """One waits for each address, the last one; what was taken back lets nobody in."""
    first = invite(people, workspace, "eve@example.com", Role.MEMBER)
    second = invite(people, workspace, "eve@example.com", Role.VIEWER)
    with pytest.raises(LinkInvalid):
        people.call(Invitations, lambda it: it.offer(first))
    with acting(workspace, workspace.owner_id):
        (waiting,) = people.host.calls.get(Invitations).all()
        people.host.calls.get(Invitations).revoke(waiting.id)
        with pytest.raises(InvitationNotFound):
            people.host.calls.get(Invitations).revoke(waiting.id)
    with pytest.raises(LinkInvalid):
        people.call(Invitations, lambda it: it.offer(second))
    with acting(workspace, workspace.owner_id):
        for number in range(MOST):
            people.host.calls.get(Invitations).create(
                email=f"user{number}@example.com", role=Role.VIEWER
            )
    with acting(workspace, workspace.owner_id), pytest.raises(TooManyInvitations):
        people.host.calls.get(Invitations).create(email="more@example.com", role=Role.VIEWER)


def test_invitations_end_with_who_has_sent_them(
    people: People, workspace: WorkspaceUnderTest
) -> None:
    """Who was taken out lets nobody in any more; invitations of others wait on."""
    admin = join(people, workspace, "anna", Role.ADMIN)
    others = invite(people, workspace, "bob@example.com", Role.VIEWER)
    with acting(workspace, admin):
        people.host.calls.get(Invitations).create(email="eve@example.com", role=Role.ADMIN)
    secret = people.link()
    with acting(workspace, workspace.owner_id):
        people.host.calls.get(Members).remove(admin)
    with pytest.raises(LinkInvalid):
        people.call(Invitations, lambda it: it.offer(secret))
    people.call(Invitations, lambda it: it.offer(others))


@pytest.mark.parametrize("acting_role", list(Role))
@pytest.mark.parametrize("wanted", list(Role))
def test_nobody_reaches_above_their_own_role(
    people: People, workspace: WorkspaceUnderTest, acting_role: Role, wanted: Role
) -> None:
    """Whom one may invite, make or remove as what follows from what one is."""
    other = join(people, workspace, "other", wanted)
    acting_user = join(people, workspace, "acting", acting_role)
    ranks = list(Role)
    allowed = ranks.index(wanted) >= ranks.index(acting_role)

    def attempt(protocol: type, do: str, **values: object) -> bool:
        try:
            with acting(workspace, acting_user):
                getattr(people.host.calls.get(protocol), do)(**values)
        except NotForThisRole:
            return False
        return True

    assert attempt(Invitations, "create", email="new@example.com", role=wanted) == allowed
    viewer = join(people, workspace, "viewer", Role.VIEWER)
    assert attempt(Members, "change_role", user_id=viewer, role=wanted) == allowed
    assert attempt(Members, "change_role", user_id=other, role=Role.VIEWER) == allowed
    assert attempt(Members, "remove", user_id=acting_user)


def test_a_workspace_keeps_an_owner(people: People, workspace: WorkspaceUnderTest) -> None:
    """The last owner neither leaves nor becomes something else, until there is another."""
    with acting(workspace, workspace.owner_id):
        service = people.host.calls.get(Members)
        with pytest.raises(LastOwner):
            service.remove(workspace.owner_id)
        with pytest.raises(LastOwner):
            service.change_role(workspace.owner_id, Role.ADMIN)
    eve = join(people, workspace, "eve", Role.MEMBER)
    with acting(workspace, workspace.owner_id):
        people.host.calls.get(Members).change_role(eve, Role.OWNER)
    with acting(workspace, workspace.owner_id):
        people.host.calls.get(Members).remove(workspace.owner_id)
    assert roles(workspace) == {"eve@example.com": "owner"}


def test_two_owners_who_leave_at_once(people: People, workspace: WorkspaceUnderTest) -> None:
    """One of them stays."""
    eve = join(people, workspace, "eve", Role.OWNER)
    together = Barrier(2)

    def leave(user_id: UUID) -> bool:
        together.wait()
        try:
            with acting(workspace, user_id):
                people.host.calls.get(Members).remove(user_id)
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, (workspace.owner_id, eve))) == [False, True]
    assert list(roles(workspace).values()) == ["owner"]


def test_two_who_change_a_member_at_once(people: People, workspace: WorkspaceUnderTest) -> None:
    """Both have read the same version: the second is told so, and changes nothing."""
    eve = join(people, workspace, "eve", Role.MEMBER)
    together = Barrier(2)
    with acting(workspace, workspace.owner_id):
        version = people.host.calls.get(Members).get(eve).version

    def change(role: Role) -> bool:
        with acting(workspace, workspace.owner_id):
            members = people.host.calls.get(Members)
            together.wait()
            try:
                members.change_role(eve, role, versions=(version,))
            except VersionMismatch:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            assert sorted(pool.map(change, (Role.ADMIN, Role.VIEWER))) == [False, True]
            with acting(workspace, workspace.owner_id):
                people.host.calls.get(Members).change_role(eve, Role.MEMBER)


def test_strangers_are_no_members(
    people: People, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Somebody of another workspace is nobody in this one."""
    with acting(workspace, workspace.owner_id):
        service = people.host.calls.get(Members)
        for do in (
            lambda: service.get(other_workspace.owner_id),
            lambda: service.remove(other_workspace.owner_id),
            lambda: service.change_role(other_workspace.owner_id, Role.VIEWER),
        ):
            with pytest.raises(MemberNotFound):
                do()


def test_a_mail_says_nothing_that_others_have_typed(
    people: People, workspace: WorkspaceUnderTest
) -> None:
    """An invitation carries the link alone: no name that could be an advertisement."""
    people.mails()
    with acting(workspace, workspace.owner_id):
        people.host.calls.get(Invitations).create(email="eve@example.com", role=Role.MEMBER)
    (mail,) = people.mails()
    assert "one" not in str(mail["Subject"]).split()
    assert secret_in(mail)


def test_nobody_replaces_an_invitation_above_their_role(
    people: People, workspace: WorkspaceUnderTest
) -> None:
    """An admin takes an owner's invitation neither back nor, by another one, in its place."""
    admin = join(people, workspace, "adam", Role.ADMIN)
    secret = invite(people, workspace, "eve@example.com", Role.OWNER)
    with acting(workspace, admin), pytest.raises(NotForThisRole):
        people.host.calls.get(Invitations).create(email="eve@example.com", role=Role.VIEWER)
    assert people.call(Invitations, lambda it: it.offer(secret)).role is Role.OWNER
