"""Invitations: a link in a mail, with which one person joins."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from meishi.core.identity.contract import (
    Accounts,
    Invitation,
    InvitationCreated,
    InvitationForAnother,
    InvitationNotFound,
    InvitationOffer,
    InvitationRevoked,
    LinkInvalid,
    MemberExists,
    MemberJoined,
    TooManyInvitations,
)
from meishi.core.identity.repository import Record, accounts, members, workspaces
from meishi.core.identity.service.letters import invitation_letter
from meishi.core.identity.service.names import normalised_email
from meishi.core.identity.service.ranks import require_rank
from meishi.core.identity.service.secrets import new_secret, secret_hash
from meishi.sdk import mails
from meishi.sdk.context import current_actor, current_workspace, publish, service
from meishi.sdk.contract import Role
from meishi.sdk.database import Resolved, in_workspace_of
from meishi.sdk.plugin import PluginContext

_LIFETIME = timedelta(days=7)
#: How many may wait in a workspace: enough for a company, too few to send spam with.
MOST = 100


class InvitationService:
    """Implements `Invitations`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._public_url = context.public_url

    def all(self) -> tuple[Invitation, ...]:
        """Return those that wait."""
        return tuple(_as_invitation(row) for row in members.invitations(self._clock()))

    def create(self, *, email: str, role: Role) -> Invitation:
        """Mail somebody a link."""
        address, now = normalised_email(email), self._clock()
        require_rank(role)
        if members.by_email(address) is not None:
            raise MemberExists(f"{address} is in this workspace already.")
        waiting = {row.email: row for row in members.invitations(now)}
        replaced = waiting.pop(address, None)
        if replaced is not None:
            require_rank(Role(replaced.role))
        if len(waiting) >= MOST:
            raise TooManyInvitations(f"{MOST} invitations wait already; revoke some first.")
        secret = new_secret()
        made = Invitation(
            id=self._new_id(),
            email=address,
            role=role,
            invited_by=current_actor().user_id,
            created_at=now,
            expires_at=now + _LIFETIME,
        )
        members.put_invitation(
            workspace_id=current_workspace(), secret_hash=secret_hash(secret), **asdict(made)
        )
        self._mail(address, secret)
        publish(InvitationCreated(invitation_id=made.id, role=role))
        return made

    def revoke(self, invitation_id: UUID) -> None:
        """End an invitation."""
        found = members.invitation_of(invitation_id)
        if found is None:
            raise InvitationNotFound("There is no such invitation in this workspace.")
        require_rank(Role(found.role))
        members.take_invitation(invitation_id)
        publish(InvitationRevoked(invitation_id=invitation_id))

    def offer(self, secret: str) -> InvitationOffer:
        """Return what a link invites to."""
        found, _, role = self._resolved(secret)
        assert found.workspace_id is not None
        place = workspaces.by_id(found.workspace_id)
        return InvitationOffer(workspace_id=place.id, workspace=place.name, role=role)

    def accept(self, secret: str, *, user_id: UUID) -> UUID:
        """Join."""
        found, invitation_id, role = self._resolved(secret)
        account = accounts.by_id(user_id)
        with in_workspace_of(found) as workspace:
            waiting = members.invitation_of(invitation_id)
            if waiting is None:
                raise _invalid()
            if account is None or account.email != waiting.email:
                raise InvitationForAnother(
                    "This invitation is for another address; sign in with an account of that one."
                )
            if members.take_invitation(invitation_id) is None:
                raise _invalid()
            if members.add(workspace, user_id, role.value):
                publish(MemberJoined(user_id=user_id, role=role))
        return workspace

    def join(self, secret: str, *, email: str, name: str, password: str) -> UUID:
        """Open an account, and join."""
        found, invitation_id, _ = self._resolved(secret)
        address = normalised_email(email)
        with in_workspace_of(found):
            waiting = members.invitation_of(invitation_id)
        if waiting is None:
            raise _invalid()
        if waiting.email != address:
            raise InvitationForAnother("This invitation is for another address.")
        user_id = service(Accounts).sign_up_invited(email=address, name=name, password=password)
        if user_id is None:
            raise MemberExists("There is an account of this address already: sign in first.")
        self.accept(secret, user_id=user_id)
        return user_id

    def _resolved(self, secret: str) -> tuple[Resolved, UUID, Role]:
        found = members.resolve_invitation(secret_hash(secret), self._clock())
        if found is None:
            raise _invalid()
        return found

    def _mail(self, address: str, secret: str) -> None:
        link = f"{self._public_url}/invitation?token={secret}&email={quote(address)}"
        letter = invitation_letter(link)
        mails.send(kind="invitation", to=address, subject=letter.subject, text=letter.text)


def _invalid() -> LinkInvalid:
    return LinkInvalid("The invitation was used or taken back, or is too old; ask for a new one.")


def _as_invitation(row: Record) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        role=Role(row.role),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
