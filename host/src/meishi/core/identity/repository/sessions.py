"""Statements about sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, update

from meishi.core.identity.models import session
from meishi.sdk.database import current_connection, resolve


def add(**values: Any) -> None:
    """Insert a session."""
    current_connection().execute(insert(session).values(**values))


def resolve_session(
    secret_hash: bytes, at: datetime, *, seen_after: datetime, noted_after: datetime
) -> bytes | None:
    """Return as JSON whose session it is that is valid at a moment."""
    found = resolve("identity.resolve_session", secret_hash, at, seen_after, noted_after)
    return None if found is None else found.row


def look_at(session_id: UUID, user_id: UUID, workspace_id: UUID) -> None:
    """Have a session look at a workspace."""
    current_connection().execute(
        update(session)
        .where(session.c.id == session_id, session.c.user_id == user_id)
        .values(at_workspace=workspace_id)
    )


def touch(session_id: UUID, at: datetime, *, noted_before: datetime) -> None:
    """Note the use of a session, unless somebody else has just done so."""
    mine = select(session.c.id).where(
        session.c.id == session_id, session.c.last_seen_at < noted_before
    )
    free = mine.with_for_update(skip_locked=True).scalar_subquery()
    current_connection().execute(
        update(session).where(session.c.id == free).values(last_seen_at=at)
    )


def of_user(user_id: UUID, at: datetime, *, seen_after: datetime) -> list[Row[Any]]:
    """Return the sessions of a person that are valid, the last used first."""
    statement = (
        select(session)
        .where(
            session.c.user_id == user_id,
            session.c.expires_at > at,
            session.c.last_seen_at > seen_after,
        )
        .order_by(session.c.last_seen_at.desc(), session.c.id)
    )
    return list(current_connection().execute(statement))


def end(user_id: UUID, session_id: UUID) -> bool:
    """Delete a session of a person; return whether there was one."""
    statement = delete(session).where(session.c.user_id == user_id, session.c.id == session_id)
    return current_connection().execute(statement.returning(session.c.id)).first() is not None


def end_all(user_id: UUID, *, but: UUID | None = None) -> int:
    """Delete the sessions of a person but one, and return how many these were."""
    statement = delete(session).where(session.c.user_id == user_id)
    if but is not None:
        statement = statement.where(session.c.id != but)
    return current_connection().execute(statement).rowcount


def forget(at: datetime, *, seen_before: datetime) -> None:
    """Delete sessions that have ended by themselves."""
    current_connection().execute(
        delete(session).where(
            or_(session.c.expires_at <= at, session.c.last_seen_at <= seen_before)
        )
    )
