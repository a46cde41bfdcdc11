"""Statements about many contacts that are deleted, or come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_contacts.repository.writing import unique_uids
from meishi.sdk.database import execute

_DELETE = """
    UPDATE crm_contacts.contact SET deleted_at = %(at)s, updated_at = %(at)s, version = version + 1
    WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL RETURNING id
"""
#: In the order of ids, so that of two callers neither waits for the other.
_HOLD = """
    SELECT id, merged_into IS NOT NULL FROM crm_contacts.contact
    WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NOT NULL AND erased_at IS NULL
    ORDER BY id FOR NO KEY UPDATE
"""
_RESTORE = """
    UPDATE crm_contacts.contact SET deleted_at = NULL, updated_at = %(at)s, version = version + 1
    WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NOT NULL AND merged_into IS NULL
        AND erased_at IS NULL
    RETURNING id
"""


def delete(contact_ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Mark contacts as deleted; return those that this deleted."""
    return [found for (found,) in execute(_DELETE, {"ids": list(contact_ids), "at": at})]


def hold(contact_ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Let nobody else change deleted contacts until the commit.

    Returns those that can be restored, and those that are merged into others.
    """
    rows = execute(_HOLD, {"ids": list(contact_ids)})
    return [found for found, merged in rows if not merged], [found for found, it in rows if it]


def restore(contact_ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Bring deleted contacts back that are not merged; return which.

    Raises `UidTaken` if the UID of one of them is in use by now.
    """
    with unique_uids():
        rows = execute(_RESTORE, {"ids": list(contact_ids), "at": at})
    return [found for (found,) in rows]
