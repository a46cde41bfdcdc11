"""Every SQL statement of the contact service.

Row security shows the current workspace only; no statement has to filter by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from crm_contacts.contract import Contact, ContactDraft
from crm_contacts.models import UID_INDEX, contact, fingerprint
from crm_contacts.rows import PARTS, RENAMED, contact_from_row, contact_values, part_values
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:workspace, 0))")


def lock_imports() -> None:
    """Let one import at a time work in this workspace, until the transaction ends."""
    current_connection().execute(_LOCK, {"workspace": f"import {current_workspace()}"})


class UidTaken(Exception):
    """Another contact has one of the UIDs; the transaction is of no use without a savepoint."""


def add(drafts: Mapping[UUID, ContactDraft], at: datetime) -> None:
    """Insert contacts with all their parts; raise `UidTaken` if one of the UIDs is in use."""
    if not drafts:
        return
    workspace = current_workspace()
    stamped = {"workspace_id": workspace, "version": 1, "created_at": at, "updated_at": at}
    rows = [contact_values(draft) | {"id": key} | stamped for key, draft in drafts.items()]
    with _unique_uids():
        current_connection().execute(insert(contact), rows)
    _add_parts(drafts)


def replace(drafts: Mapping[UUID, ContactDraft], at: datetime) -> None:
    """Write contacts anew with all their parts; raise `UidTaken` if a new UID is in use."""
    if not drafts:
        return
    connection = current_connection()
    rows = [contact_values(draft) | {"contact": key} for key, draft in drafts.items()]
    statement = (
        update(contact)
        .where(contact.c.id == bindparam("contact"))
        .values(version=contact.c.version + 1, updated_at=at)
    )
    with _unique_uids():
        connection.execute(statement, rows)
    for table in PARTS.values():
        connection.execute(delete(table).where(table.c.contact_id == func.any(list(drafts))))
    _add_parts(drafts)


def add_fingerprints(keys: Mapping[bytes, UUID]) -> None:
    """Remember under which contents and UIDs contacts came in; known ones stay as they are.

    They are written in their order, so that two transactions never wait for each other.
    """
    if keys:
        workspace = current_workspace()
        rows = [
            {"workspace_id": workspace, "content_key": key, "contact_id": contact_id}
            for key, contact_id in sorted(keys.items())
        ]
        current_connection().execute(upsert(fingerprint).on_conflict_do_nothing(), rows)


def ids_by_uid(uids: Collection[str]) -> dict[str, UUID]:
    """Return which contacts have which of some UIDs."""
    if not uids:
        return {}
    statement = select(contact.c.uid, contact.c.id).where(
        contact.c.uid == func.any(bindparam("uids", list(uids))),
        contact.c.deleted_at.is_(None),
    )
    return {row.uid: row.id for row in current_connection().execute(statement)}


def ids_by_key(keys: Collection[bytes]) -> dict[bytes, UUID]:
    """Return which contacts came in under which of some contents and UIDs."""
    if not keys:
        return {}
    statement = (
        select(fingerprint.c.content_key, fingerprint.c.contact_id)
        .join(contact, _same_contact(fingerprint))
        .where(
            fingerprint.c.content_key == func.any(bindparam("keys", list(keys))),
            contact.c.deleted_at.is_(None),
        )
    )
    return {row.content_key: row.contact_id for row in current_connection().execute(statement)}


def get(contact_id: UUID) -> Contact | None:
    """Return one contact."""
    found = get_many([contact_id])
    return found[0] if found else None


def get_many(contact_ids: Sequence[UUID]) -> list[Contact]:
    """Return contacts by their ids, in no particular order."""
    if not contact_ids:
        return []
    rows = current_connection().execute(_select_by_ids(), {"ids": list(contact_ids)})
    return [contact_from_row(row) for row in rows]


def page(after: UUID | None, limit: int) -> list[Contact]:
    """Return contacts in order of creation."""
    statement = _select().order_by(contact.c.id).limit(limit)
    if after is not None:
        statement = statement.where(contact.c.id > after)
    return [contact_from_row(row) for row in current_connection().execute(statement)]


def count() -> int:
    """Return how many contacts there are."""
    statement = select(func.count()).select_from(contact).where(contact.c.deleted_at.is_(None))
    return current_connection().execute(statement).scalar_one()


@contextmanager
def _unique_uids() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if getattr(diagnosis, "constraint_name", None) == UID_INDEX.name:
            raise UidTaken from error
        raise


def _add_parts(drafts: Mapping[UUID, ContactDraft]) -> None:
    workspace = {"workspace_id": current_workspace()}
    for name, table in PARTS.items():
        rows = [
            part_values(key, position, channel) | workspace
            for key, draft in drafts.items()
            for position, channel in enumerate(getattr(draft, name))
        ]
        if rows:
            current_connection().execute(insert(table), rows)


@cache
def _select_by_ids() -> Select[Any]:
    return _select().where(contact.c.id == func.any(bindparam("ids")))


@cache
def _select() -> Select[Any]:
    """Return one statement for contacts with their parts as JSON arrays, built once."""
    parts = [_as_json(table).label(name) for name, table in PARTS.items()]
    return select(contact, *parts).where(contact.c.deleted_at.is_(None))


def _as_json(table: Table) -> ColumnElement[Any]:
    keys = {"workspace_id", "contact_id", "position"}
    members: list[Any] = []
    for column in table.columns:
        if column.name not in keys:
            members += [literal_column(f"'{RENAMED.get(column.name, column.name)}'"), column]
    item = func.jsonb_build_object(*members)
    listed = func.jsonb_agg(aggregate_order_by(item, table.c.position))
    return (
        select(func.coalesce(listed, literal_column("'[]'::jsonb")))
        .where(_same_contact(table))
        .correlate(contact)
        .scalar_subquery()
    )


def _same_contact(table: Table) -> ColumnElement[bool]:
    return (table.c.workspace_id == contact.c.workspace_id) & (table.c.contact_id == contact.c.id)
