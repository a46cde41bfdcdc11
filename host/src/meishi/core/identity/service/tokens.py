"""Tokens: their issue, their end, and who stands behind them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from meishi.core.identity.contract import (
    InvalidAccount,
    IssuedToken,
    NotAMember,
    Principal,
    Token,
    TokenCreated,
    TokenNotFound,
    TokenRevoked,
)
from meishi.core.identity.repository import accounts, members
from meishi.core.identity.repository import tokens as repository
from meishi.core.identity.service.names import checked_name
from meishi.core.identity.service.ranks import require_rank
from meishi.core.identity.service.scopes import check_own, check_scopes
from meishi.core.identity.service.secrets import new_secret, secret_hash
from meishi.sdk.context import current_actor, current_workspace, publish
from meishi.sdk.contract import Role
from meishi.sdk.permissions import permissions_of
from meishi.sdk.plugin import PluginContext

TOKEN_PREFIX = "msh_"  # noqa: S105 (public: it marks a text as one of our tokens)


class TokenService:
    """Implements `Tokens`."""

    def __init__(self, context: PluginContext) -> None:
        self._new_id = context.new_id
        self._clock = context.clock

    def issue(
        self,
        *,
        user_id: UUID,
        name: str,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
        operator: bool = False,
    ) -> IssuedToken:
        """Create a token; its secret leaves this method once and is not stored."""
        title = checked_name(name)
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidAccount("The time of expiry needs a time zone.")
        _check_end(expires_at)
        found = members.person(user_id)
        if found is None:
            raise NotAMember("The user is no member of this workspace.")
        if scopes is not None:
            check_scopes(scopes, Role(found.role), operator=operator)
        check_own(permissions_of(Role(found.role)) if scopes is None else scopes)
        token_id = self._new_id()
        secret = TOKEN_PREFIX + new_secret()
        repository.add_token(
            workspace_id=current_workspace(),
            id=token_id,
            user_id=user_id,
            name=title,
            secret_hash=secret_hash(secret),
            scopes=None if scopes is None else sorted(scopes),
            expires_at=expires_at,
            operator=operator,
        )
        publish(TokenCreated(token_id=token_id, user_id=user_id))
        return IssuedToken(id=token_id, secret=secret)

    def issue_service(
        self,
        *,
        name: str,
        role: Role,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
    ) -> IssuedToken:
        """Create a token of an account that nobody signs in to."""
        require_rank(role)
        account, title = self._new_id(), checked_name(name)
        accounts.add_account(
            id=account, email=f"{account}@service.invalid", name=title, service=True
        )
        members.add(current_workspace(), account, role.value)
        return self.issue(user_id=account, name=title, scopes=scopes, expires_at=expires_at)

    def note_use(self, secret: str) -> None:
        """Note that a token is in use."""
        repository.note_use(secret_hash(secret), self._clock())

    def revoke(self, token_id: UUID) -> None:
        """End a token."""
        if not repository.end_token(token_id, self._clock()):
            raise TokenNotFound(f"There is no token {token_id} in this workspace.")
        publish(TokenRevoked(token_id=token_id))

    def all(self) -> tuple[Token, ...]:
        """Return the tokens of the current workspace."""
        return tuple(
            Token(
                id=row.id,
                name=row.name,
                user_id=row.user_id,
                email=row.email,
                service=row.service,
                role=Role(row.role),
                scopes=None if row.scopes is None else frozenset(row.scopes),
                operator=row.operator,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
                last_used_at=row.last_used_at,
            )
            for row in repository.all_tokens()
        )

    def resolve(self, secret: str) -> Principal | None:
        """Return who stands behind a token."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        found = repository.resolve_token(secret_hash(secret), self._clock())
        return None if found is None else msgspec.json.decode(found, type=Principal)


def _check_end(expires_at: datetime | None) -> None:
    """Raise `InvalidAccount` if a token would outlive the one that makes it."""
    acting = current_actor().token_id
    until = None if acting is None else repository.end_of_token(acting)
    if until is not None and (expires_at is None or expires_at > until):
        raise InvalidAccount(
            f"This token ends at {until.isoformat()}, and none that it makes may end later; "
            "ask for an earlier end."
        )
