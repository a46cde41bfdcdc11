"""Statements about contacts that are merged into others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from meishi.sdk.database import execute

_CLOSE = """
    UPDATE crm_contacts.contact c
    SET deleted_at = %(at)s, updated_at = %(at)s, version = c.version + 1,
        merged_into = %(target)s
    FROM unnest(%(ids)s::uuid[], %(versions)s::integer[]) AS wanted(id, version)
    WHERE c.id = wanted.id AND c.version = wanted.version AND c.deleted_at IS NULL
    RETURNING c.id
"""
#: Until the commit, nobody else changes it.
_HOLD = """
    SELECT id FROM crm_contacts.contact
    WHERE id = %(id)s AND deleted_at IS NULL FOR NO KEY UPDATE
"""
_LEAD = """
    UPDATE crm_contacts.contact SET merged_into = %(target)s
    WHERE merged_into = ANY(%(ids)s::uuid[]) RETURNING id
"""
_KNOW = """
    UPDATE crm_contacts.fingerprint SET contact_id = %(target)s
    WHERE contact_id = ANY(%(ids)s::uuid[])
"""


def close(sources: Mapping[UUID, int], target: UUID, at: datetime) -> bool:
    """Delete contacts as merged, each at the version that is known; tell whether all had it."""
    values = {
        "ids": list(sources), "versions": list(sources.values()), "target": target, "at": at,
    }  # fmt: skip
    return len(execute(_CLOSE, values)) == len(sources)


def hold(contact_id: UUID) -> bool:
    """Let nobody else change a contact until the commit; tell whether it is there."""
    return bool(execute(_HOLD, {"id": contact_id}))


def lead(sources: Mapping[UUID, int], target: UUID) -> tuple[UUID, ...]:
    """Let all that led to merged contacts lead to the target; return what leads there now by it.

    Copies of the sources, by content and UID, are copies of the target from now on.
    """
    values = {"ids": list(sources), "target": target}
    before = [found for (found,) in execute(_LEAD, values)]
    execute(_KNOW, values)
    return (*sources, *sorted(before))
