"""API tokens, and who stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import (
    InvalidAccount,
    InvalidScopes,
    NotAMember,
    NotForThisRole,
    TokenNotFound,
)
from meishi.sdk.contract import Role, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new API token. `secret` is shown this once; only its hash is stored."""

    id: UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who stands behind a token; `scopes` of None means all that the role may do.

    An `operator` runs the deployment, and may do what no role may. `stale` if it was not noted
    for a while that the token is in use.
    """

    token_id: UUID
    user_id: UUID
    workspace_id: UUID
    role: Role
    scopes: frozenset[str] | None
    operator: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of an API token of the current workspace, all but its secret.

    One of a `service` belongs to the workspace, and to nobody in it.
    """

    id: UUID
    name: str
    user_id: UUID
    email: str
    service: bool
    role: Role
    scopes: frozenset[str] | None
    operator: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class Tokens(Protocol):
    """API tokens."""

    @command(errors=(InvalidAccount, InvalidScopes, NotAMember))
    def issue(
        self,
        *,
        user_id: UUID,
        name: str,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
        operator: bool = False,
    ) -> IssuedToken:
        """Create a token of a member for the current workspace, perhaps an operator's."""
        ...

    @command(errors=(InvalidAccount, InvalidScopes, NotForThisRole))
    def issue_service(
        self,
        *,
        name: str,
        role: Role,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
    ) -> IssuedToken:
        """Create a token that belongs to the workspace, and stays when people leave it.

        It has a `role` of its own, which is not above that of whoever acts.
        """
        ...

    @command()
    def note_use(self, secret: str) -> None:
        """Note that a token is in use; needs no current workspace."""
        ...

    @command(errors=(TokenNotFound,))
    def revoke(self, token_id: UUID) -> None:
        """End a token of the current workspace; one that was ended before stays so."""
        ...

    @query()
    def all(self) -> tuple[Token, ...]:
        """Return the tokens of the current workspace, oldest first, ended ones too."""
        ...

    @query()
    def resolve(self, secret: str) -> Principal | None:
        """Return who stands behind a token, or None; needs no current workspace."""
        ...
