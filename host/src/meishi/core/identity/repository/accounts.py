"""Statements about accounts, and the links in their mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from meishi.core.identity.models import account_link, user, workspace
from meishi.sdk.database import current_connection, execute, resolve

#: The lock that lets one set-up at a time look whether it is needed: any number of our own.
_SETUP_LOCK = 0x4D65697368692001

_VERIFY = """
    UPDATE identity."user" SET verified_at = %(at)s, referral = NULL
    WHERE id = %(user_id)s AND verified_at IS NULL RETURNING old.referral
"""


def add_account(**values: Any) -> bool:
    """Insert an account; return False if there is one of the same address."""
    statement = upsert(user).values(**values).on_conflict_do_nothing(index_elements=["email"])
    return current_connection().execute(statement.returning(user.c.id)).first() is not None


def lead(email: str, referral: str) -> None:
    """Note what has led somebody here again who has an account, but has not proved its address."""
    waiting = (user.c.email == email, user.c.verified_at.is_(None))
    current_connection().execute(update(user).where(*waiting).values(referral=referral))


def by_email(email: str) -> Row[Any] | None:
    """Return the account of an address."""
    return current_connection().execute(select(user).where(user.c.email == email)).first()


def by_id(user_id: UUID) -> Row[Any] | None:
    """Return an account."""
    return current_connection().execute(select(user).where(user.c.id == user_id)).first()


def lock(user_id: UUID) -> Row[Any] | None:
    """Return an account, which nobody else changes until the end of the transaction."""
    statement = select(user).where(user.c.id == user_id).with_for_update()
    return current_connection().execute(statement).first()


def change(user_id: UUID, **values: Any) -> bool:
    """Change an account; return whether there is one."""
    statement = update(user).where(user.c.id == user_id).values(**values).returning(user.c.id)
    return current_connection().execute(statement).first() is not None


def verify(user_id: UUID, at: datetime) -> tuple[str | None] | None:
    """Note that a person has shown that the address is theirs; None if they had before.

    What led them here is returned, and kept no longer.
    """
    for (referral,) in execute(_VERIFY, {"user_id": user_id, "at": at}):
        return (referral,)
    return None


def take_wanted_email(user_id: UUID, at: datetime) -> Row[Any] | None:
    """Put the wanted address in the place of the old one, unless somebody else has it."""
    other = select(user.c.id).where(user.c.email == _wanted(user_id)).exists()
    statement = (
        update(user)
        .where(user.c.id == user_id, user.c.wanted_email.is_not(None), ~other)
        .values(email=user.c.wanted_email, wanted_email=None, verified_at=at)
        .returning(user)
    )
    return current_connection().execute(statement).first()


def _wanted(user_id: UUID) -> Any:
    inner = user.alias()
    return select(inner.c.wanted_email).where(inner.c.id == user_id).scalar_subquery()


def any_operator_can_sign_in() -> bool:
    """Whether some account that runs the deployment has a password."""
    statement = select(exists().where(user.c.operator, user.c.password_hash.is_not(None)))
    return bool(current_connection().execute(statement).scalar())


def one_setup_at_a_time() -> None:
    """Wait for other set-ups to end; the lock is given back with the transaction."""
    current_connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SETUP_LOCK})


def put_link(**values: Any) -> None:
    """Insert a link; what the person had for the same purpose ends."""
    statement = upsert(account_link).values(**values)
    current_connection().execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "purpose"],
            set_={name: statement.excluded[name] for name in ("secret_hash", "expires_at")},
        )
    )


def link_expires_after(user_id: UUID, purpose: str, at: datetime) -> bool:
    """Whether a person has a link for a purpose that is good beyond a moment."""
    statement = select(
        exists().where(
            account_link.c.user_id == user_id,
            account_link.c.purpose == purpose,
            account_link.c.expires_at > at,
        )
    )
    return bool(current_connection().execute(statement).scalar())


def link_user(secret_hash: bytes, purpose: str, at: datetime) -> UUID | None:
    """Return whose link it is that can be used for something at a moment."""
    statement = select(account_link.c.user_id).where(
        account_link.c.secret_hash == secret_hash,
        account_link.c.purpose == purpose,
        account_link.c.expires_at > at,
    )
    found: UUID | None = current_connection().execute(statement).scalar()
    return found


def has_link(secret_hash: bytes, purpose: str, at: datetime) -> bool:
    """Whether a link can be used for something at a moment, whoever's it is."""
    statement = select(
        exists().where(
            account_link.c.secret_hash == secret_hash,
            account_link.c.purpose == purpose,
            account_link.c.expires_at > at,
        )
    )
    return bool(current_connection().execute(statement).scalar())


def take_link(secret_hash: bytes, purpose: str, at: datetime) -> Row[Any] | None:
    """Delete a link that can be used, and return it: of several at once, one has it."""
    statement = (
        delete(account_link)
        .where(
            account_link.c.secret_hash == secret_hash,
            account_link.c.purpose == purpose,
            account_link.c.expires_at > at,
        )
        .returning(account_link)
    )
    return current_connection().execute(statement).first()


def end_links(user_id: UUID, purpose: str | None = None) -> None:
    """Delete the links of a person: for one purpose, or all."""
    statement = delete(account_link).where(account_link.c.user_id == user_id)
    if purpose is not None:
        statement = statement.where(account_link.c.purpose == purpose)
    current_connection().execute(statement)


def forget_links(at: datetime) -> None:
    """Delete links that have expired."""
    current_connection().execute(delete(account_link).where(account_link.c.expires_at <= at))


def found_workspace(*, workspace_id: UUID, slug: str, name: str, owner: UUID) -> bool:
    """Insert a workspace and its owner; return False if the slug is taken."""
    return resolve("identity.resolve_founding", workspace_id, slug, name, owner) is not None


def memberships_of(user_id: UUID) -> list[tuple[Row[Any], str]]:
    """Return the workspaces that a person is in, by their names, each with the person's role."""
    found = resolve("identity.resolve_memberships", user_id)
    row = msgspec.json.decode(found.row, type=_Memberships) if found else _Memberships()
    roles = dict(zip(row.workspaces or (), (row.role or "").split(), strict=True))
    if not roles:
        return []
    statement = select(workspace).where(workspace.c.id.in_(roles)).order_by(workspace.c.name)
    return [(item, roles[item.id]) for item in current_connection().execute(statement)]


class _Memberships(msgspec.Struct):
    workspaces: tuple[UUID, ...] | None = None
    role: str | None = None
