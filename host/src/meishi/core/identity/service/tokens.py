"""Tokens: their issue, their end, and who stands behind them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from meishi.core.identity.contract import (
    InvalidAccount,
    IssuedToken,
    NotAMember,
    Principal,
    Token,
    TokenNotFound,
)
from meishi.core.identity.repository import tokens as repository
from meishi.core.identity.repository.workspaces import is_member
from meishi.core.identity.service.names import checked_name
from meishi.sdk.context import current_workspace
from meishi.sdk.plugin import PluginContext

TOKEN_PREFIX = "msh_"  # noqa: S105 (public: it marks a text as one of our tokens)

_TOKEN_BYTES = 32


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
        if not is_member(user_id):
            raise NotAMember("The user is no member of this workspace.")
        token_id = self._new_id()
        secret = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        repository.add_token(
            workspace_id=current_workspace(),
            id=token_id,
            user_id=user_id,
            name=title,
            secret_hash=_hash(secret),
            scopes=None if scopes is None else sorted(scopes),
            expires_at=expires_at,
            operator=operator,
        )
        return IssuedToken(id=token_id, secret=secret)

    def revoke(self, token_id: UUID) -> None:
        """End a token."""
        if not repository.end_token(token_id, self._clock()):
            raise TokenNotFound(f"There is no token {token_id} in this workspace.")

    def all(self) -> tuple[Token, ...]:
        """Return the tokens of the current workspace."""
        return tuple(
            Token(
                id=row.id,
                name=row.name,
                email=row.email,
                scopes=None if row.scopes is None else frozenset(row.scopes),
                operator=row.operator,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
            )
            for row in repository.all_tokens()
        )

    def resolve(self, secret: str) -> Principal | None:
        """Return who stands behind a token."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        found = repository.resolve_token(_hash(secret), self._clock())
        return None if found is None else msgspec.json.decode(found, type=Principal)


def _hash(secret: str) -> bytes:
    """Hash a token; its 256 random bits need no salt and no slow function."""
    return hashlib.sha256(secret.encode()).digest()
