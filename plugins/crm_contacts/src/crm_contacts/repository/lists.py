"""Statements about lists of contacts, and who is on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.contract import ContactList
from crm_contacts.repository.names import unique_names
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = "id, name, version, created_at"
_READ = f"SELECT {_COLUMNS} FROM crm_contacts.contact_list"
_ADD = f"""
    INSERT INTO crm_contacts.contact_list (workspace_id, {_COLUMNS}, key)
    VALUES (%(workspace)s, %(id)s, %(name)s, 1, %(at)s, %(key)s)
    ON CONFLICT (workspace_id, key) DO NOTHING RETURNING id
"""
_RENAME = """
    UPDATE crm_contacts.contact_list SET name = %(name)s, key = %(key)s, version = version + 1
    WHERE id = %(id)s AND version = %(version)s RETURNING id
"""
_OF = f"""
    {_READ} WHERE id IN (
        SELECT list_id FROM crm_contacts.list_member WHERE contact_id = %(id)s
    ) ORDER BY key
"""
#: Nobody deletes the contacts, or the list, until the commit; who has just done so is waited for.
_PUT = """
    INSERT INTO crm_contacts.list_member (workspace_id, list_id, contact_id, created_at)
    SELECT %(workspace)s::uuid, %(id)s::uuid, id, %(at)s FROM crm_contacts.contact
    WHERE id = ANY(%(contacts)s::uuid[]) AND deleted_at IS NULL
    ORDER BY id FOR SHARE
    ON CONFLICT DO NOTHING RETURNING contact_id
"""
_TAKE = """
    DELETE FROM crm_contacts.list_member
    WHERE list_id = %(id)s AND contact_id = ANY(%(contacts)s::uuid[]) RETURNING contact_id
"""
_MOVE = """
    INSERT INTO crm_contacts.list_member (workspace_id, list_id, contact_id, created_at)
    SELECT workspace_id, list_id, %(target)s::uuid, created_at
    FROM crm_contacts.list_member WHERE contact_id = %(source)s
    ON CONFLICT DO NOTHING RETURNING list_id
"""
#: Others that are merged into it may be the reason why it stays on a list.
_TAKE_BACK = """
    DELETE FROM crm_contacts.list_member m
    WHERE m.contact_id = %(target)s AND m.list_id = ANY(%(lists)s::uuid[])
        AND NOT EXISTS (
            SELECT FROM crm_contacts.list_member o
            JOIN crm_contacts.contact c ON c.workspace_id = o.workspace_id AND c.id = o.contact_id
            WHERE o.list_id = m.list_id AND c.merged_into = %(target)s AND c.id <> %(source)s)
"""
_HAND_ON = """
    UPDATE crm_contacts.contact_merge m SET lists = ARRAY(
        SELECT unnest(m.lists) UNION
        SELECT o.list_id FROM crm_contacts.list_member o
        WHERE o.contact_id = m.source_id AND o.list_id = ANY(%(lists)s::uuid[]))
    WHERE m.target_id = %(target)s AND m.source_id <> %(source)s
"""


def add(new: ContactList) -> bool:
    """Insert a list; return False if there is one with its name."""
    values = {
        "workspace": current_workspace(), "id": new.id, "name": new.name,
        "at": new.created_at, "key": tag_key(new.name),
    }  # fmt: skip
    return bool(execute(_ADD, values))


def get(list_id: UUID) -> ContactList | None:
    """Return one list."""
    found = _read(f"{_READ} WHERE id = %(id)s", {"id": list_id})
    return found[0] if found else None


def hold(list_id: UUID) -> bool:
    """Let nobody delete a list until the commit; tell whether it is there."""
    statement = "SELECT id FROM crm_contacts.contact_list WHERE id = %(id)s FOR KEY SHARE"
    return bool(execute(statement, {"id": list_id}))


def named(name: str) -> ContactList | None:
    """Return the list with a name, whatever its case."""
    found = _read(f"{_READ} WHERE key = %(key)s", {"key": tag_key(name)})
    return found[0] if found else None


def page(after: UUID | None, limit: int) -> list[ContactList]:
    """Return lists in order of creation."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return _read(f"{_READ} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def count() -> int:
    """Return how many lists there are."""
    return int(execute("SELECT count(*) FROM crm_contacts.contact_list", {})[0][0])


def of(contact_id: UUID) -> list[ContactList]:
    """Return the lists that a contact is on, by name."""
    return _read(_OF, {"id": contact_id})


def rename(list_id: UUID, version: int, name: str) -> bool:
    """Write the name of a list that has a version; tell whether it had.

    Raises `NameTaken` if another one has the name by now.
    """
    values = {"id": list_id, "version": version, "name": name, "key": tag_key(name)}
    with unique_names():
        return bool(execute(_RENAME, values))


def delete(list_id: UUID) -> None:
    """Delete a list."""
    execute("DELETE FROM crm_contacts.contact_list WHERE id = %(id)s", {"id": list_id})


def put(list_id: UUID, contact_ids: Sequence[UUID], at: datetime) -> int:
    """Put those contacts on a list that there are; return how many were not on it."""
    values = {
        "workspace": current_workspace(), "id": list_id, "contacts": list(contact_ids), "at": at,
    }  # fmt: skip
    return len(execute(_PUT, values))


def take(list_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """Take contacts off a list; return how many were on it."""
    return len(execute(_TAKE, {"id": list_id, "contacts": list(contact_ids)}))


def move(source_id: UUID, target_id: UUID) -> tuple[UUID, ...]:
    """Put a contact on all lists that another is on; return those on which it was not.

    The other stays on them: it is deleted, and not shown until it is restored.
    """
    values = {"source": source_id, "target": target_id}
    return tuple(sorted(list_id for (list_id,) in execute(_MOVE, values)))


def take_back(source_id: UUID, target_id: UUID, list_ids: Sequence[UUID]) -> None:
    """Take a contact off the lists on which it is for another one, and for nobody else.

    Where it stays for others that are merged into it, taking these back takes it off.
    """
    values = {"source": source_id, "target": target_id, "lists": list(list_ids)}
    execute(_TAKE_BACK, values)
    execute(_HAND_ON, values)


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return the lists that contacts are on: the id and JSON text of each membership."""
    statement = (
        "SELECT l.id, json_build_object('list_id', l.id, 'name', l.name, 'contact_id',"
        " m.contact_id, 'created_at', m.created_at)::text FROM crm_contacts.list_member m"
        " JOIN crm_contacts.contact_list l ON l.id = m.list_id"
        " WHERE m.contact_id = ANY(%(ids)s::uuid[]) ORDER BY l.id, m.contact_id"
    )
    return [(found, text) for found, text in execute(statement, {"ids": list(contact_ids)})]


def _read(statement: str, values: dict[str, Any]) -> list[ContactList]:
    return [
        ContactList(id=found, name=name, version=version, created_at=created_at)
        for found, name, version, created_at in execute(statement, values)
    ]
