"""The people of a workspace: who they are there, who joins and who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import (
    InvalidAccount,
    InvitationForAnother,
    InvitationNotFound,
    LastOwner,
    LinkInvalid,
    MemberExists,
    MemberNotFound,
    NotForThisRole,
    TooManyInvitations,
    WeakPassword,
)
from meishi.sdk.contract import Role, VersionMismatch, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in the current workspace; service accounts are none.

    `version` stands for the role: whoever changes it says which they have read.
    """

    user_id: UUID
    email: str
    name: str
    role: Role
    joined_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that waits for somebody to accept it."""

    id: UUID
    email: str
    role: Role
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationOffer:
    """What a link invites to."""

    workspace_id: UUID
    workspace: str
    role: Role


class Members(Protocol):
    """The people of the current workspace.

    Whoever acts changes no role above their own, and gives none; the last owner stays one.
    """

    @query()
    def all(self) -> tuple[Member, ...]:
        """Return everybody, by their names."""
        ...

    @query(errors=(MemberNotFound,))
    def get(self, user_id: UUID) -> Member:
        """Return one person."""
        ...

    @command(errors=(LastOwner, MemberNotFound, NotForThisRole, VersionMismatch))
    def change_role(
        self, user_id: UUID, role: Role, *, versions: tuple[int, ...] | None = None
    ) -> Member:
        """Make somebody something else; emits `member.role_changed.v1`."""
        ...

    @command(errors=(LastOwner, MemberNotFound, NotForThisRole, VersionMismatch))
    def remove(self, user_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take somebody out, or leave; their tokens of the workspace end with it.

        Emits `member.left.v1`.
        """
        ...


class Invitations(Protocol):
    """Invitations to the current workspace; those who accept need none to be current."""

    @query()
    def all(self) -> tuple[Invitation, ...]:
        """Return those that wait, the newest first."""
        ...

    @command(errors=(InvalidAccount, MemberExists, NotForThisRole, TooManyInvitations))
    def create(self, *, email: str, role: Role) -> Invitation:
        """Mail somebody a link that lets them join; an earlier one for them ends."""
        ...

    @command(errors=(InvitationNotFound, NotForThisRole))
    def revoke(self, invitation_id: UUID) -> None:
        """End an invitation."""
        ...

    @query(errors=(LinkInvalid,))
    def offer(self, secret: str) -> InvitationOffer:
        """Return what a link invites to; looking does not use it."""
        ...

    @command(errors=(InvitationForAnother, LinkInvalid))
    def accept(self, secret: str, *, user_id: UUID) -> UUID:
        """Join as a person who has an account of the invited address; return the workspace.

        Emits `member.joined.v1` there.
        """
        ...

    @command(errors=(InvalidAccount, InvitationForAnother, LinkInvalid, MemberExists, WeakPassword))
    def join(self, secret: str, *, email: str, name: str, password: str) -> UUID:
        """Open an account of the invited address, which the link has proved, and join.

        Returns the new account. Whoever has one already signs in, and accepts.
        """
        ...
