"""What identity holds about a person: which tables, found by what, and shown without which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, Table, delete, or_, select

from meishi.core.identity.models import (
    account_link,
    api_token,
    invitation,
    membership,
    session,
    user,
    workspace,
)
from meishi.sdk.database import current_connection, execute

_LONE = "SELECT workspace_id FROM identity.resolve_lone_ownerships(%(user)s)"


@dataclass(frozen=True, slots=True)
class Held:
    """A table with rows about people: found by a user's id, by an email address, or both.

    `hidden` names columns that are nobody's to see, such as hashes of secrets.
    """

    kind: str
    table: Table
    user_id: Column[Any] | None = None
    email: Column[Any] | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def of_workspace(self) -> bool:
        """Whether its rows belong to workspaces."""
        return "workspace_id" in self.table.columns

    def about(self, user_id: UUID | None, emails: tuple[str, ...]) -> ColumnElement[bool] | None:
        """Return the condition that finds a person's rows; None if nothing can."""
        conditions = []
        if self.user_id is not None and user_id is not None:
            conditions.append(self.user_id == user_id)
        if self.email is not None and emails:
            conditions.append(self.email.in_(emails))
        return or_(*conditions) if conditions else None


#: Rows go in this order: what refers to others stands before them.
HELD = (
    Held("session", session, session.c.user_id, hidden=frozenset({"secret_hash"})),
    Held("link", account_link, account_link.c.user_id, hidden=frozenset({"secret_hash"})),
    Held("invitation", invitation, email=invitation.c.email, hidden=frozenset({"secret_hash"})),
    Held("api_token", api_token, api_token.c.user_id, hidden=frozenset({"secret_hash"})),
    Held("membership", membership, membership.c.user_id),
    Held("account", user, user.c.id, hidden=frozenset({"password_hash"})),
)


def rows(
    held: Held, user_id: UUID | None, emails: tuple[str, ...]
) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Yield a person's rows of a table, each with its id, that of the user if it has none."""
    condition = held.about(user_id, emails)
    if condition is None:
        return
    columns = [column for column in held.table.columns if column.name not in held.hidden]
    for row in current_connection().execute(select(*columns).where(condition)):
        values = dict(row._mapping)
        yield values.get("id") or values["user_id"], values


def remove(held: Held, user_id: UUID | None, emails: tuple[str, ...]) -> int:
    """Delete a person's rows of a table; return how many there were."""
    condition = held.about(user_id, emails)
    if condition is None:
        return 0
    return current_connection().execute(delete(held.table).where(condition)).rowcount


def by_email(email: str) -> Row[Any] | None:
    """Return the user with an email address."""
    return current_connection().execute(select(user).where(user.c.email == email)).first()


def lone_ownerships(user_id: UUID) -> list[str]:
    """Return the names of the workspaces whose only owner a user is."""
    found = [workspace_id for (workspace_id,) in execute(_LONE, {"user": user_id})]
    statement = select(workspace.c.name).where(workspace.c.id.in_(found))
    return list(current_connection().execute(statement.order_by(workspace.c.name)).scalars())
