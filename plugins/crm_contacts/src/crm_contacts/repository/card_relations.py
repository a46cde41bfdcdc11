"""Relationships of many contacts at once, as cards tell and imports make them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm_contacts.card_relations import own_uid
from crm_contacts.contract import Relationship, RelationshipType
from crm_contacts.repository.relationships import read_rows
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Who does not see the other end does not see the relationship either.
_TOLD = """
    SELECT r.source_id, r.target_id, t.uid, r.type, r.note FROM crm_contacts.relationship r
    JOIN crm_contacts.contact t ON t.workspace_id = r.workspace_id AND t.id = r.target_id
    WHERE r.source_id = ANY(%(ids)s::uuid[]) AND r.deleted_ends = 0 ORDER BY r.id
"""
_TARGETS = """
    SELECT DISTINCT r.target_id FROM crm_contacts.relationship r
    JOIN crm_contacts.contact s ON s.workspace_id = r.workspace_id AND s.id = r.source_id
    WHERE r.target_id = ANY(%(ids)s::uuid[]) AND r.deleted_ends = 0
"""
_ADD = """
    INSERT INTO crm_contacts.relationship
        (workspace_id, id, source_id, target_id, type, note, version, created_at, deleted_ends)
    SELECT %(workspace)s::uuid, id, source_id, target_id, type, note, 1, %(at)s, 0
    FROM unnest(%(ids)s::uuid[], %(sources)s::uuid[], %(targets)s::uuid[], %(types)s::text[],
        %(notes)s::text[]) AS new (id, source_id, target_id, type, note)
    ORDER BY id
    ON CONFLICT (workspace_id, source_id, target_id, type) DO NOTHING RETURNING id
"""
#: They are younger than the import, as their ids are.
_SINCE = """
    SELECT id, source_id, target_id, type, note, version, created_at
    FROM crm_contacts.relationship
    WHERE source_id = ANY(%(ids)s::uuid[]) AND id > %(since)s ORDER BY id
"""
_DELETE = """
    DELETE FROM crm_contacts.relationship WHERE id = ANY(%(ids)s::uuid[])
    RETURNING id, source_id, target_id, type, note, version, created_at, deleted_ends
"""

#: What a card says: the UID of the other contact, what that is to its own, and the note.
Told = tuple[str, RelationshipType, str | None]


def told(contact_ids: Sequence[UUID]) -> dict[UUID, list[Told]]:
    """Return what the cards of contacts say, of those that are related in either direction."""
    found: dict[UUID, list[Told]] = {}
    for source_id, target_id, uid, kind, note in execute(_TOLD, {"ids": list(contact_ids)}):
        item = (uid or own_uid(target_id), RelationshipType(kind), note)
        found.setdefault(source_id, []).append(item)
    for (target_id,) in execute(_TARGETS, {"ids": list(contact_ids)}):
        found.setdefault(target_id, [])
    return found


def add_many(new: Sequence[Relationship]) -> list[Relationship]:
    """Insert relationships made at one time; return those that there were not."""
    if not new:
        return []
    values = {
        "workspace": current_workspace(), "at": new[0].created_at,
        "ids": [item.id for item in new], "sources": [item.source_id for item in new],
        "targets": [item.target_id for item in new], "types": [item.type.value for item in new],
        "notes": [item.note for item in new],
    }  # fmt: skip
    added = {row[0] for row in execute(_ADD, values)}
    return [item for item in new if item.id in added]


def since(import_id: UUID, contact_ids: Sequence[UUID]) -> list[Relationship]:
    """Return what contacts have been to others since an import began, hidden ones too, by ids."""
    return read_rows(execute(_SINCE, {"ids": list(contact_ids), "since": import_id}))


def delete_many(relationship_ids: Sequence[UUID]) -> list[Relationship]:
    """Delete relationships; return those that were shown."""
    if not relationship_ids:
        return []
    rows = execute(_DELETE, {"ids": list(relationship_ids)})
    return read_rows([row[:-1] for row in rows if not row[-1]])
