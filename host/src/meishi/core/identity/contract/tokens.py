"""API tokens, and who stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import InvalidAccount, NotAMember, TokenNotFound
from meishi.sdk.contract import Role, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new API token. `secret` is shown this once; only its hash is stored."""

    id: UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who stands behind a token; `scopes` of None means all that the role may do.

    An `operator` runs the deployment, and may do what no role may.
    """

    token_id: UUID
    user_id: UUID
    workspace_id: UUID
    role: Role
    scopes: frozenset[str] | None
    operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of an API token of the current workspace, all but its secret."""

    id: UUID
    name: str
    email: str
    scopes: frozenset[str] | None
    operator: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Tokens(Protocol):
    """API tokens."""

    @command(errors=(InvalidAccount, NotAMember))
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
