"""Statements about API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from meishi.core.identity.models import api_token, membership, user
from meishi.sdk.database import current_connection, in_workspace_of, resolve


def add_token(**values: Any) -> None:
    """Insert an API token."""
    current_connection().execute(insert(api_token).values(**values))


def end_of_token(token_id: UUID) -> datetime | None:
    """Return when a token of the current workspace ends by itself, None for never."""
    statement = select(api_token.c.expires_at).where(api_token.c.id == token_id)
    return current_connection().execute(statement).scalar()


def end_token(token_id: UUID, at: datetime) -> bool:
    """Revoke a token, unless that was done before; return whether there is such a token."""
    statement = (
        update(api_token)
        .where(api_token.c.id == token_id)
        .values(revoked_at=func.coalesce(api_token.c.revoked_at, at))
        .returning(api_token.c.id)
    )
    return current_connection().execute(statement).first() is not None


def all_tokens() -> list[Row[Any]]:
    """Return the tokens of the current workspace with their users' addresses, oldest first."""
    statement = (
        select(api_token, user.c.email, user.c.service, membership.c.role)
        .join(user, user.c.id == api_token.c.user_id)
        .join(membership, membership.c.user_id == api_token.c.user_id)
        .order_by(api_token.c.created_at, api_token.c.id)
    )
    return list(current_connection().execute(statement))


def resolve_token(secret_hash: bytes, at: datetime) -> bytes | None:
    """Return as JSON who stands behind a token that is valid at a moment."""
    found = resolve("identity.resolve_token", secret_hash, at)
    return None if found is None else found.row


def note_use(secret_hash: bytes, at: datetime) -> None:
    """Note the use of a token, in whichever workspace it is."""
    found = resolve("identity.resolve_token", secret_hash, at)
    if found is not None:
        with in_workspace_of(found):
            # Whoever notes the same at this moment does it for us: nobody waits for that.
            mine = select(api_token.c.id).where(api_token.c.secret_hash == secret_hash)
            free = mine.with_for_update(skip_locked=True).scalar_subquery()
            current_connection().execute(
                update(api_token).where(api_token.c.id == free).values(last_used_at=at)
            )
