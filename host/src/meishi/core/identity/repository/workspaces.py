"""Statements about workspaces, their people, and accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from meishi.core.identity.models import membership, user, workspace
from meishi.sdk.database import current_connection


def add_workspace(*, workspace_id: UUID, slug: str, name: str) -> bool:
    """Insert a workspace; return False if the slug is taken."""
    statement = (
        upsert(workspace)
        .values(id=workspace_id, slug=slug, name=name)
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(workspace.c.id)
    )
    return current_connection().execute(statement).first() is not None


def user_by_email(*, new_id: UUID, email: str, name: str) -> Row[Any]:
    """Return the user with an email address, inserted if there was none."""
    statement = upsert(user).values(id=new_id, email=email, name=name)
    connection = current_connection()
    connection.execute(statement.on_conflict_do_nothing(index_elements=["email"]))
    return connection.execute(select(user).where(user.c.email == email)).one()


def add_membership(*, workspace_id: UUID, user_id: UUID, role: str) -> None:
    """Insert a membership."""
    current_connection().execute(
        insert(membership).values(workspace_id=workspace_id, user_id=user_id, role=role)
    )


def first_with_role(role: str) -> Row[Any] | None:
    """Return the first user who has a role in the current workspace."""
    statement = (
        select(user)
        .join(membership, membership.c.user_id == user.c.id)
        .where(membership.c.role == role)
        .order_by(membership.c.created_at, user.c.id)
    )
    return current_connection().execute(statement).first()


def member_by_email(email: str) -> Row[Any] | None:
    """Return the member of the current workspace who has an email address."""
    statement = (
        select(user)
        .join(membership, membership.c.user_id == user.c.id)
        .where(user.c.email == email)
    )
    return current_connection().execute(statement).first()


def all_workspaces() -> list[Row[Any]]:
    """Return every workspace, oldest first."""
    statement = select(workspace).order_by(workspace.c.created_at, workspace.c.id)
    return list(current_connection().execute(statement))


def by_id(workspace_id: UUID) -> Row[Any]:
    """Return a workspace that there is."""
    statement = select(workspace).where(workspace.c.id == workspace_id)
    return current_connection().execute(statement).one()


def lock(workspace_id: UUID) -> Row[Any]:
    """Return a workspace that stays as it is until the end of the transaction."""
    statement = select(workspace).where(workspace.c.id == workspace_id).with_for_update()
    return current_connection().execute(statement).one()


def change(workspace_id: UUID, *, slug: str, name: str) -> bool:
    """Change slug and name of a workspace; return False if another one has the slug.

    Then the transaction is of no use without a savepoint.
    """
    statement = update(workspace).where(workspace.c.id == workspace_id)
    try:
        current_connection().execute(statement.values(slug=slug, name=name))
    except IntegrityError:
        return False
    return True
