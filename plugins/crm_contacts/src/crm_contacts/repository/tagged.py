"""Statements about contacts that have tags: many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_contacts.tag_names import MAX_TAGS
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: In the order of ids, so that of two callers neither waits for the other.
_TOUCH = """
    UPDATE crm_contacts.contact SET version = version + 1, updated_at = %(at)s
    WHERE id IN (
        SELECT id FROM crm_contacts.contact
        WHERE id IN (
            SELECT contact_id FROM crm_contacts.contact_tag WHERE tag_id = ANY(%(ids)s::uuid[])
        ) AND deleted_at IS NULL AND NOT id = ANY(%(done)s::uuid[])
        ORDER BY id FOR NO KEY UPDATE
    ) RETURNING id
"""
#: Deleted ones, too, whose words follow; nobody restores them meanwhile.
_HOLD = """
    SELECT id FROM crm_contacts.contact
    WHERE id IN (
        SELECT contact_id FROM crm_contacts.contact_tag WHERE tag_id = ANY(%(ids)s::uuid[]))
    ORDER BY id FOR NO KEY UPDATE
"""
_LOCK_TAGS = """
    SELECT id FROM crm_contacts.tag WHERE id = ANY(%(ids)s::uuid[]) ORDER BY key FOR UPDATE
"""
_MOVE = """
    INSERT INTO crm_contacts.contact_tag (workspace_id, contact_id, tag_id)
    SELECT DISTINCT workspace_id, contact_id, %(target)s::uuid FROM crm_contacts.contact_tag
    WHERE tag_id = ANY(%(ids)s::uuid[]) ON CONFLICT DO NOTHING
"""
_LOCK_CONTACTS = """
    SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
    ORDER BY id FOR NO KEY UPDATE
"""
_NAMES = """
    SELECT p.contact_id, t.name FROM crm_contacts.contact_tag p
    JOIN crm_contacts.tag t ON t.workspace_id = p.workspace_id AND t.id = p.tag_id
    WHERE p.contact_id = ANY(%(ids)s::uuid[]) ORDER BY t.key
"""
_HOLD_TAGS = """
    SELECT id FROM crm_contacts.tag WHERE id = ANY(%(ids)s::uuid[]) ORDER BY key FOR KEY SHARE
"""
#: A contact whose tags would be too many gets none.
_ADD = """
    INSERT INTO crm_contacts.contact_tag (workspace_id, contact_id, tag_id)
    SELECT %(workspace)s::uuid, wanted.id, t.id
    FROM unnest(%(contacts)s::uuid[]) AS wanted (id), unnest(%(tags)s::uuid[]) AS t (id)
    WHERE cardinality(%(tags)s::uuid[]) + (
        SELECT count(*) FROM crm_contacts.contact_tag p
        WHERE p.contact_id = wanted.id AND NOT p.tag_id = ANY(%(tags)s::uuid[])
    ) <= %(most)s
    ON CONFLICT DO NOTHING RETURNING contact_id
"""
_REMOVE = """
    DELETE FROM crm_contacts.contact_tag
    WHERE contact_id = ANY(%(contacts)s::uuid[]) AND tag_id = ANY(%(tags)s::uuid[])
    RETURNING contact_id
"""
_LACKING = """
    SELECT wanted.id FROM unnest(%(contacts)s::uuid[]) AS wanted (id)
    WHERE EXISTS (
        SELECT FROM crm_contacts.tag t WHERE t.id = ANY(%(tags)s::uuid[]) AND NOT EXISTS (
            SELECT FROM crm_contacts.contact_tag p
            WHERE p.contact_id = wanted.id AND p.tag_id = t.id))
    ORDER BY wanted.id
"""
_CHANGED = """
    UPDATE crm_contacts.contact SET version = version + 1, updated_at = %(at)s
    WHERE id = ANY(%(ids)s::uuid[])
"""


def touch(tag_ids: Sequence[UUID], at: datetime) -> tuple[list[UUID], list[UUID]]:
    """Let all contacts with tags be changed, and nobody use the tags until the commit.

    What somebody tags before that lock is found in a second look. Returns the contacts, and
    deleted ones, which are held.
    """
    ids = list(tag_ids)
    first = _touched(ids, at, [])
    execute(_LOCK_TAGS, {"ids": ids})
    held = [found for (found,) in execute(_HOLD, {"ids": ids})]
    touched = [*first, *_touched(ids, at, first)]
    return touched, sorted(set(held) - set(touched))


def move(source_ids: Sequence[UUID], target_id: UUID) -> None:
    """Put a tag on every contact that has one of some others."""
    execute(_MOVE, {"ids": list(source_ids), "target": target_id})


def hold(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Let nobody else change contacts until the commit; return those that are there."""
    return [found for (found,) in execute(_LOCK_CONTACTS, {"ids": list(contact_ids)})]


def names(contact_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the names of the tags of contacts, in the order in which contacts show them."""
    found: dict[UUID, list[str]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, name in execute(_NAMES, {"ids": list(contact_ids)}):
        found[contact_id].append(name)
    return found


def edit(
    contact_ids: Sequence[UUID], added: Sequence[UUID], removed: Sequence[UUID], at: datetime
) -> list[UUID]:
    """Put tags on contacts that are held, take others off, and return those that this changed.

    Tags that are not there any more are passed over.
    """
    tags = [found for (found,) in execute(_HOLD_TAGS, {"ids": [*added, *removed]})]
    values = {"workspace": current_workspace(), "contacts": list(contact_ids), "most": MAX_TAGS}
    wanted = [found for found in tags if found in added and found not in removed]
    gone = [found for found in tags if found in removed]
    rows = execute(_REMOVE, values | {"tags": gone}) if gone else []
    if wanted:
        rows = [*rows, *execute(_ADD, values | {"tags": wanted})]
    changed = sorted({contact_id for (contact_id,) in rows})
    if changed:
        execute(_CHANGED, {"ids": changed, "at": at})
    return changed


def lacking(contact_ids: Sequence[UUID], tag_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of some contacts that have not all of the tags that are there."""
    rows = execute(_LACKING, {"contacts": list(contact_ids), "tags": list(tag_ids)})
    return [contact_id for (contact_id,) in rows]


def _touched(tag_ids: list[UUID], at: datetime, done: list[UUID]) -> list[UUID]:
    rows = execute(_TOUCH, {"ids": tag_ids, "at": at, "done": done})
    return [contact_id for (contact_id,) in rows]
