"""What happens among the people of a workspace: ids and roles, never names or addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from meishi.sdk.contract import Event, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignedUp(Event):
    """An account has come into being: its address is proved. It belongs to no workspace.

    `referral` is what led there, in words that identity does not know.
    """

    event_type: ClassVar[str] = "user.signed_up.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID
    referral: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFounded(Event):
    """There is a workspace, and somebody who owns it."""

    event_type: ClassVar[str] = "workspace.founded.v1"
    subject: ClassVar[str] = "workspace_id"

    workspace_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """Somebody has accepted an invitation."""

    event_type: ClassVar[str] = "member.joined.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleChanged(Event):
    """Somebody has become something else."""

    event_type: ClassVar[str] = "member.role_changed.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """Somebody has left, or was taken out."""

    event_type: ClassVar[str] = "member.left.v1"
    subject: ClassVar[str] = "user_id"

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCreated(Event):
    """Somebody was invited."""

    event_type: ClassVar[str] = "invitation.created.v1"
    subject: ClassVar[str] = "invitation_id"

    invitation_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(Event):
    """An invitation was taken back."""

    event_type: ClassVar[str] = "invitation.revoked.v1"
    subject: ClassVar[str] = "invitation_id"

    invitation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCreated(Event):
    """Somebody, or the workspace itself, has a new API token."""

    event_type: ClassVar[str] = "token.created.v1"
    subject: ClassVar[str] = "token_id"

    token_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """An API token was ended."""

    event_type: ClassVar[str] = "token.revoked.v1"
    subject: ClassVar[str] = "token_id"

    token_id: UUID
