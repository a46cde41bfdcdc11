"""Undos of imports: how far they have come, what stays, and what was added to contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import ImportUndo, KeptContact, KeptReason
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_GET = """
    SELECT position, done, total, deleted, reverted, gone, kept, operation_id, completed_at
    FROM crm_contacts.import_undo WHERE import_id = %(id)s
"""
_ADD = """
    INSERT INTO crm_contacts.import_undo
        (workspace_id, import_id, done, total, deleted, reverted, gone, kept)
    VALUES (%(workspace)s, %(id)s, 0, %(total)s, 0, 0, 0, 0)
"""
_TOTAL = """
    SELECT count(DISTINCT contact_id) FROM crm_contacts.contact_change
    WHERE origin_id = %(id)s AND source = 'import'
"""
_ADVANCE = """
    UPDATE crm_contacts.import_undo SET position = %(position)s, done = done + %(done)s,
        deleted = deleted + %(deleted)s, reverted = reverted + %(reverted)s,
        gone = gone + %(gone)s, kept = kept + %(kept)s, completed_at = %(at)s
    WHERE import_id = %(id)s
"""
_KEEP = """
    INSERT INTO crm_contacts.import_kept
        (workspace_id, import_id, contact_id, created, fields, reason)
    VALUES (%(workspace)s, %(id)s, %(contact)s, %(created)s, %(fields)s::text[], %(reason)s)
    ON CONFLICT (workspace_id, import_id, contact_id) DO NOTHING
"""
_KEPT = """
    SELECT k.contact_id, c.full_name, k.created, k.fields, k.reason FROM crm_contacts.import_kept k
    LEFT JOIN crm_contacts.contact c ON c.id = k.contact_id AND c.deleted_at IS NULL
    WHERE k.import_id = %(id)s AND k.contact_id > %(after)s ORDER BY k.contact_id LIMIT %(limit)s
"""
_THERE = """
    SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
"""
#: Locked in the order of ids, as by all who change many.
_HOLD = """
    SELECT id, merged_into FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
"""
_DELETE = """
    UPDATE crm_contacts.contact SET deleted_at = %(at)s, updated_at = %(at)s, version = version + 1
    WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL RETURNING id
"""
#: What people add to a contact beside its fields.
_ADDED = """
    SELECT subject_id, 'notes' FROM crm_contacts.contact_note
        WHERE subject_id = ANY(%(ids)s::uuid[])
    UNION SELECT source_id, 'relationships' FROM crm_contacts.relationship
        WHERE source_id = ANY(%(ids)s::uuid[])
    UNION SELECT target_id, 'relationships' FROM crm_contacts.relationship
        WHERE target_id = ANY(%(ids)s::uuid[])
    UNION SELECT contact_id, 'lists' FROM crm_contacts.list_member
        WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION SELECT target_id, 'merges' FROM crm_contacts.contact_merge
        WHERE target_id = ANY(%(ids)s::uuid[])
    UNION SELECT contact_id, 'consents' FROM crm_contacts.consent
        WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION SELECT contact_id, 'photo' FROM crm_contacts.contact_photo
        WHERE contact_id = ANY(%(ids)s::uuid[]) AND origin_id IS NULL
    ORDER BY 1, 2
"""
#: Other files that speak of contacts, and added nothing to them: those that are not undone.
_ELSEWHERE = """
    SELECT DISTINCT r.contact_id FROM crm_contacts.import_row r
    WHERE r.contact_id = ANY(%(ids)s::uuid[]) AND r.status = 'unchanged'
        AND r.import_id <> %(id)s AND NOT EXISTS (
            SELECT FROM crm_contacts.import_undo u WHERE u.import_id = r.import_id)
"""
_UNDONE = """
    SELECT import_id FROM crm_contacts.import_undo
    WHERE import_id = ANY(%(ids)s::uuid[]) AND completed_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class StoredUndo:
    """An undo, and the contact behind which it goes on."""

    shown: ImportUndo
    position: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a step has done."""

    position: UUID | None
    done: int
    deleted: int
    reverted: int
    gone: int
    kept: Sequence[KeptContact]


def get(import_id: UUID) -> StoredUndo | None:
    """Return the undo of an import; who writes to it holds the import."""
    for position, done, total, deleted, reverted, gone, kept, operation_id, completed_at in execute(
        _GET, {"id": import_id}
    ):
        shown = ImportUndo(
            import_id=import_id,
            done=done,
            total=total,
            deleted=deleted,
            reverted=reverted,
            gone=gone,
            kept=kept,
            operation_id=operation_id,
            completed_at=completed_at,
        )
        return StoredUndo(shown, position)
    return None


def count_contacts(import_id: UUID) -> int:
    """Return how many contacts an import created or changed, as far as histories tell."""
    return int(execute(_TOTAL, {"id": import_id})[0][0])


def add(import_id: UUID, total: int) -> None:
    """Insert an undo that has not begun."""
    execute(_ADD, {"workspace": current_workspace(), "id": import_id, "total": total})


def set_operation(import_id: UUID, operation_id: UUID) -> None:
    """Write down which operation does it."""
    execute(
        "UPDATE crm_contacts.import_undo SET operation_id = %(operation)s WHERE import_id = %(id)s",
        {"id": import_id, "operation": operation_id},
    )


def advance(import_id: UUID, progress: Progress, completed_at: datetime | None) -> None:
    """Write how far it has come, and what stays."""
    for item in progress.kept:
        execute(
            _KEEP,
            {
                "workspace": current_workspace(),
                "id": import_id,
                "contact": item.contact_id,
                "created": item.created,
                "fields": list(item.fields),
                "reason": item.reason.value,
            },
        )
    execute(
        _ADVANCE,
        {
            "id": import_id,
            "position": progress.position,
            "done": progress.done,
            "deleted": progress.deleted,
            "reverted": progress.reverted,
            "gone": progress.gone,
            "kept": len(progress.kept),
            "at": completed_at,
        },
    )


def kept(import_id: UUID, after: UUID | None, limit: int) -> list[KeptContact]:
    """Return what stayed, by the ids of contacts."""
    values = {"id": import_id, "after": after or UUID(int=0), "limit": limit}
    return [
        KeptContact(
            contact_id=contact_id,
            name=name,
            created=created,
            fields=tuple(fields),
            reason=KeptReason(reason),
        )
        for contact_id, name, created, fields, reason in execute(_KEPT, values)
    ]


def there(contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some contacts that are not deleted."""
    return {found for (found,) in execute(_THERE, {"ids": list(contact_ids)})}


def hold(contact_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Let nobody change contacts until the commit; return into which each was merged.

    Those that who acts does not see, or may only read, are neither held nor returned.
    """
    return dict(execute(_HOLD, {"ids": list(contact_ids)}))


def delete_contacts(contact_ids: Collection[UUID], at: datetime) -> list[UUID]:
    """Delete contacts that are held, such that they can be restored."""
    rows = execute(_DELETE, {"ids": list(contact_ids), "at": at}) if contact_ids else []
    return [found for (found,) in rows]


def added_to(contact_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return what people have added to contacts beside their fields."""
    found: dict[UUID, tuple[str, ...]] = {}
    for contact_id, what in execute(_ADDED, {"ids": list(contact_ids)}):
        found[contact_id] = (*found.get(contact_id, ()), what)
    return found


def imported_elsewhere(contact_ids: Collection[UUID], import_id: UUID) -> set[UUID]:
    """Return the contacts that another file speaks of, too."""
    rows = execute(_ELSEWHERE, {"ids": list(contact_ids), "id": import_id})
    return {found for (found,) in rows}


def undone(import_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some imports that are undone."""
    return {found for (found,) in execute(_UNDONE, {"ids": list(import_ids)})}
