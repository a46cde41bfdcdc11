"""Sessions: browsers in which somebody is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import (
    AccountNotFound,
    EmailNotVerified,
    NotAMember,
    SessionNotFound,
    SignInRefused,
    TooManyAttempts,
)
from meishi.sdk.contract import Role, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A new session. `secret` is for the browser alone; only its hash is stored."""

    id: UUID
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPrincipal:
    """Who is signed in, and where; workspace and role are None for who is in no workspace.

    `stale` if it was not noted for a while that the session is in use.
    """

    session_id: UUID
    user_id: UUID
    workspace_id: UUID | None
    role: Role | None
    operator: bool
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as its user sees it: the program's own words, and the network it came from."""

    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Sessions(Protocol):
    """Who is signed in where."""

    @command(errors=(EmailNotVerified, SignInRefused, TooManyAttempts))
    def sign_in(self, *, email: str, password: str, user_agent: str, address: str) -> OpenedSession:
        """Open a session for who knows an address and its password.

        Each wrong password makes the next ones wait, for the account and for the `address` that
        they come from, whatever becomes of the transaction around.
        """
        ...

    @command(errors=(AccountNotFound,))
    def open(self, *, user_id: UUID, user_agent: str, address: str) -> OpenedSession:
        """Open a session for who has proved to be a person in another way."""
        ...

    @query()
    def resolve(self, secret: str) -> SessionPrincipal | None:
        """Return whose session it is, or None; needs no current workspace.

        A session looks at one workspace; where its user has left that, at the one that they have
        been in for longest.
        """
        ...

    @command(errors=(NotAMember,))
    def switch(self, *, session_id: UUID, user_id: UUID, workspace_id: UUID) -> None:
        """Have a session look at another workspace of its user."""
        ...

    @command()
    def touch(self, session_id: UUID) -> None:
        """Note that a session is in use."""
        ...

    @query()
    def of_user(self, user_id: UUID) -> tuple[Session, ...]:
        """Return the sessions of a person that have not ended, the last used first."""
        ...

    @command(errors=(SessionNotFound,))
    def revoke(self, *, user_id: UUID, session_id: UUID) -> None:
        """End a session."""
        ...

    @command()
    def revoke_others(self, *, user_id: UUID, session_id: UUID) -> int:
        """End all sessions of a person but one, and return how many these were."""
        ...
