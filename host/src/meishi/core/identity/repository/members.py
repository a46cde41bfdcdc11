"""Statements about members and invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from meishi.core.identity.models import invitation, membership, user
from meishi.sdk.contract import Role
from meishi.sdk.database import Resolved, current_connection, resolve

_PEOPLE: Select[Any] = (
    select(
        user.c.id, user.c.email, user.c.name, user.c.service,
        membership.c.role, membership.c.created_at.label("joined_at"),
    ).join(membership, membership.c.user_id == user.c.id)
)  # fmt: skip


def people() -> list[Row[Any]]:
    """Return the people of the current workspace, by their names."""
    statement = _PEOPLE.where(~user.c.service).order_by(func.lower(user.c.name), user.c.id)
    return list(current_connection().execute(statement))


def person(user_id: UUID) -> Row[Any] | None:
    """Return one of the current workspace, a service account too."""
    return current_connection().execute(_PEOPLE.where(user.c.id == user_id)).first()


def by_email(email: str) -> Row[Any] | None:
    """Return who has an address in the current workspace."""
    return current_connection().execute(_PEOPLE.where(user.c.email == email)).first()


def lock_owners() -> set[UUID]:
    """Return the owners of the current workspace, who stay so until the end of the transaction.

    There is always one, so those who change members of a workspace do so one after another.
    """
    statement = (
        select(membership.c.user_id)
        .where(membership.c.role == Role.OWNER.value)
        .order_by(membership.c.user_id)
        .with_for_update()
    )
    return set(current_connection().execute(statement).scalars())


def add(workspace_id: UUID, user_id: UUID, role: str) -> bool:
    """Insert a membership; return False if there is one."""
    statement = (
        upsert(membership)
        .values(workspace_id=workspace_id, user_id=user_id, role=role)
        .on_conflict_do_nothing()
        .returning(membership.c.user_id)
    )
    return current_connection().execute(statement).first() is not None


def change_role(user_id: UUID, role: str) -> None:
    """Change what somebody is."""
    current_connection().execute(
        update(membership).where(membership.c.user_id == user_id).values(role=role)
    )


def remove(user_id: UUID) -> None:
    """Delete a membership, the tokens that go with it, and the invitations of who goes."""
    current_connection().execute(delete(invitation).where(invitation.c.invited_by == user_id))
    current_connection().execute(delete(membership).where(membership.c.user_id == user_id))


def invitations(at: datetime) -> list[Row[Any]]:
    """Return invitations that wait, the newest first."""
    statement = (
        select(invitation)
        .where(invitation.c.expires_at > at)
        .order_by(invitation.c.created_at.desc(), invitation.c.id)
    )
    return list(current_connection().execute(statement))


def put_invitation(**values: Any) -> None:
    """Insert an invitation; an earlier one for the same address ends."""
    statement = upsert(invitation).values(**values)
    current_connection().execute(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", "email"],
            set_={
                name: statement.excluded[name]
                for name in ("id", "role", "secret_hash", "invited_by", "created_at", "expires_at")
            },
        )
    )


def take_invitation(invitation_id: UUID) -> Row[Any] | None:
    """Delete an invitation, and return it: of several at once, one has it."""
    statement = delete(invitation).where(invitation.c.id == invitation_id).returning(invitation)
    return current_connection().execute(statement).first()


def invitation_of(invitation_id: UUID) -> Row[Any] | None:
    """Return an invitation."""
    statement = select(invitation).where(invitation.c.id == invitation_id)
    return current_connection().execute(statement).first()


def resolve_invitation(secret_hash: bytes, at: datetime) -> tuple[Resolved, UUID, Role] | None:
    """Return where a link leads, which invitation it is, and as what one joins."""
    found = resolve("identity.resolve_invitation", secret_hash, at)
    if found is None:
        return None
    row = msgspec.json.decode(found.row, type=_Row)
    return found, row.id, row.role


class _Row(msgspec.Struct):
    id: UUID
    role: Role
