"""Statements about blocking keys: under which numbers contacts are looked for as duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contacts.contract import ContactDraft
from crm_contacts.lookups import duplicate_keys
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.duplicate_key"
_GO = f"""
    DELETE FROM {_TABLE} WHERE contact_id = %(contact)s AND key = ANY(%(keys)s::bigint[])
"""
_ADD = f"""
    INSERT INTO {_TABLE} (workspace_id, key, contact_id)
    SELECT %(workspace)s, * FROM unnest(%(keys)s::bigint[], %(contacts)s::uuid[])
    ON CONFLICT DO NOTHING
"""
#: Keys that earlier code made, too: they lead to nobody who is looked for today.
_CLEAN = f"""
    DELETE FROM {_TABLE} k WHERE contact_id = ANY(%(ids)s::uuid[]) AND NOT EXISTS (
        SELECT FROM unnest(%(keys)s::bigint[], %(contacts)s::uuid[]) AS w(key, contact_id)
        WHERE (w.key, w.contact_id) = (k.key, k.contact_id)
    )
"""
#: A key that so many share says nothing; one contact more shows that there are more.
_SHARING = f"""
    SELECT w.key, array_agg(s.contact_id)
    FROM unnest(%(keys)s::bigint[]) AS w(key)
    CROSS JOIN LATERAL (
        SELECT contact_id FROM {_TABLE} WHERE key = w.key LIMIT %(limit)s
    ) AS s
    GROUP BY w.key HAVING count(*) BETWEEN 2 AND %(limit)s - 1
"""


def change(contact_id: UUID, before: ContactDraft, after: ContactDraft) -> None:
    """Write what differs between the keys of two normalised drafts of a contact."""
    old, new = {*duplicate_keys(before)}, {*duplicate_keys(after)}
    if gone := sorted(old - new):
        execute(_GO, {"contact": contact_id, "keys": gone})
    if come := sorted(new - old):
        execute(_ADD, _values([(key, contact_id) for key in come]))


def put(keys: Mapping[UUID, Sequence[int]]) -> None:
    """Let contacts have these keys and no others."""
    pairs = sorted((key, found) for found, some in keys.items() for key in some)
    values = _values(pairs) | {"ids": list(keys)}
    execute(_CLEAN, values)
    execute(_ADD, values)


def sharing(keys: Sequence[int], most: int) -> dict[int, list[UUID]]:
    """Return who shares which of some keys, of those that at most so many contacts have."""
    rows = execute(_SHARING, {"keys": list(keys), "limit": most + 1})
    return dict(rows)


def _values(pairs: Sequence[tuple[int, UUID]]) -> dict[str, object]:
    return {
        "workspace": current_workspace(),
        "keys": [key for key, _ in pairs],
        "contacts": [found for _, found in pairs],
    }
