"""Statements about contacts that are merged into others, and about taking that back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contact_documents import contact_from_document
from crm_contacts.contract import Contact, ContactDraft, MergedContact
from crm_contacts.repository.reading import document_sql
from crm_contacts.verification import settled
from meishi.sdk.context import current_workspace
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
#: In the order of ids, so that of two callers neither waits for the other.
_HOLD_ALL = """
    SELECT id FROM crm_contacts.contact
    WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_LEAD = """
    UPDATE crm_contacts.contact SET merged_into = %(target)s
    WHERE merged_into = ANY(%(ids)s::uuid[]) RETURNING id
"""
_LED = "SELECT id FROM crm_contacts.contact WHERE merged_into = %(id)s ORDER BY id"
_KNOWN = """
    SELECT content_key FROM crm_contacts.fingerprint WHERE contact_id = %(id)s ORDER BY content_key
"""
_KNOW = """
    UPDATE crm_contacts.fingerprint SET contact_id = %(target)s
    WHERE contact_id = ANY(%(ids)s::uuid[])
"""
_RECORD = """
    INSERT INTO crm_contacts.contact_merge
        (workspace_id, id, source_id, target_id, before, after, led, fingerprints, relationships,
        notes, lists, merged_at)
    VALUES (%(workspace)s, %(id)s, %(source)s, %(target)s, %(before)s::json, %(after)s::json,
        %(led)s, %(fingerprints)s, %(relationships)s::json, %(notes)s, %(lists)s, %(at)s)
"""
_LAST = """
    SELECT m.id, m.target_id, m.before::text, m.after::text, m.led, m.fingerprints,
        m.relationships::text, m.notes, m.lists
    FROM crm_contacts.contact_merge m WHERE m.source_id = %(id)s ORDER BY m.id DESC LIMIT 1
"""
#: Of whom is merged into it still, the last merge of each.
_LATER = """
    SELECT m.id FROM crm_contacts.contact_merge m
    JOIN crm_contacts.contact c ON c.workspace_id = m.workspace_id AND c.id = m.source_id
    WHERE m.target_id = %(target)s AND m.id > %(id)s
        AND c.merged_into = %(target)s AND c.erased_at IS NULL AND NOT EXISTS (
            SELECT FROM crm_contacts.contact_merge o
            WHERE o.source_id = m.source_id AND o.id > m.id)
    ORDER BY m.id
"""
_LATER_ONE = f"""
    SELECT m.before::text, m.after::text, {document_sql()}
    FROM crm_contacts.contact_merge m
    JOIN crm_contacts.contact c ON c.workspace_id = m.workspace_id AND c.id = m.source_id
    WHERE m.id = %(id)s
"""
_RECORD_ANEW = """
    UPDATE crm_contacts.contact_merge SET before = %(before)s::json, after = %(after)s::json
    WHERE id = %(id)s
"""
_STATE = """
    SELECT deleted_at IS NOT NULL, merged_into, erased_at IS NOT NULL, full_name
    FROM crm_contacts.contact WHERE id = %(id)s
"""
_MERGED = """
    SELECT c.id, c.full_name, c.deleted_at, EXISTS (
        SELECT FROM crm_contacts.contact_merge m
        WHERE m.source_id = c.id AND m.target_id = c.merged_into)
    FROM crm_contacts.contact c
    WHERE c.merged_into = %(id)s AND c.erased_at IS NULL ORDER BY c.deleted_at DESC, c.id LIMIT 100
"""
_INTO = """
    SELECT t.id FROM crm_contacts.contact c JOIN crm_contacts.contact t
        ON t.workspace_id = c.workspace_id AND t.id = c.merged_into AND t.deleted_at IS NULL
    WHERE c.id = %(id)s AND c.deleted_at IS NOT NULL
"""
_REOPEN = """
    UPDATE crm_contacts.contact
    SET deleted_at = NULL, merged_into = NULL, updated_at = %(at)s, version = version + 1
    WHERE id = %(id)s AND merged_into = %(target)s AND erased_at IS NULL RETURNING id
"""
_LEAD_BACK = """
    UPDATE crm_contacts.contact SET merged_into = %(source)s
    WHERE id = ANY(%(ids)s::uuid[]) AND merged_into = %(target)s RETURNING id
"""
_KNOW_AGAIN = """
    UPDATE crm_contacts.fingerprint SET contact_id = %(source)s
    WHERE content_key = ANY(%(keys)s::bytea[]) AND contact_id = %(target)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRecord:
    """What has to be known to take a merge back."""

    id: UUID
    target_id: UUID
    before: ContactDraft
    after: ContactDraft
    led: tuple[UUID, ...]
    fingerprints: tuple[bytes, ...]
    relationships: str
    notes: tuple[UUID, ...]
    lists: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ContactState:
    """Whether a contact is deleted or erased, and what it was merged into."""

    deleted: bool
    merged_into: UUID | None
    erased: bool
    name: str


def close(sources: Mapping[UUID, int], target: UUID, at: datetime) -> bool:
    """Delete contacts as merged, each at the version that is known; tell whether all had it."""
    values = {
        "ids": list(sources), "versions": list(sources.values()), "target": target, "at": at,
    }  # fmt: skip
    return len(execute(_CLOSE, values)) == len(sources)


def hold(contact_id: UUID) -> bool:
    """Let nobody else change a contact until the commit; tell whether it is there."""
    return bool(execute(_HOLD, {"id": contact_id}))


def hold_all(contact_ids: Sequence[UUID]) -> None:
    """Let nobody else change contacts until the commit, deleted ones neither."""
    execute(_HOLD_ALL, {"ids": list(contact_ids)})


def led_to(contact_id: UUID) -> tuple[UUID, ...]:
    """Return what was merged into a contact."""
    return tuple(found for (found,) in execute(_LED, {"id": contact_id}))


def known_by(contact_id: UUID) -> tuple[bytes, ...]:
    """Return under which contents and UIDs a contact came in."""
    return tuple(bytes(key) for (key,) in execute(_KNOWN, {"id": contact_id}))


def lead(sources: Mapping[UUID, int], target: UUID) -> tuple[UUID, ...]:
    """Let all that led to merged contacts lead to the target; return what leads there now by it.

    Copies of the sources, by content and UID, are copies of the target from now on.
    """
    values = {"ids": list(sources), "target": target}
    before = [found for (found,) in execute(_LEAD, values)]
    execute(_KNOW, values)
    return (*sources, *sorted(before))


def record(merge: MergeRecord, source_id: UUID, at: datetime) -> None:
    """Keep what has to be known to take a merge back."""
    values = {
        "workspace": current_workspace(),
        "id": merge.id,
        "source": source_id,
        "target": merge.target_id,
        "before": _json(merge.before),
        "after": _json(merge.after),
        "led": list(merge.led),
        "fingerprints": list(merge.fingerprints),
        "relationships": merge.relationships,
        "notes": list(merge.notes),
        "lists": list(merge.lists),
        "at": at,
    }
    execute(_RECORD, values)


def last(source_id: UUID) -> MergeRecord | None:
    """Return the last merge of a contact into another one."""
    rows = execute(_LAST, {"id": source_id})
    return _record(rows[0]) if rows else None


def later(
    merge: MergeRecord,
) -> Iterator[tuple[UUID, ContactDraft, ContactDraft, Contact]]:
    """Yield the merges into the same contact after one, in their order.

    Of each its id, what the contact says before and after it, and who was merged. One at a time,
    as each has all that the contact has said.
    """
    for (found,) in execute(_LATER, {"target": merge.target_id, "id": merge.id}):
        ((before, after, document),) = execute(_LATER_ONE, {"id": found})
        yield (
            found,
            _draft(before),
            _draft(after),
            contact_from_document(document),
        )


def record_anew(merge_id: UUID, before: ContactDraft, after: ContactDraft) -> None:
    """Keep what a merge comes to as another one before it was taken back."""
    values = {"id": merge_id, "before": _json(before), "after": _json(after)}
    execute(_RECORD_ANEW, values)


def forget(source_id: UUID) -> None:
    """Forget the merges of a contact."""
    execute("DELETE FROM crm_contacts.contact_merge WHERE source_id = %(id)s", {"id": source_id})


def state_of(contact_id: UUID) -> ContactState | None:
    """Return how it is with a contact, deleted ones too."""
    rows = execute(_STATE, {"id": contact_id})
    return ContactState(*rows[0]) if rows else None


def merged_into(contact_id: UUID) -> UUID | None:
    """Return the contact that one leads to, if that is there."""
    rows = execute(_INTO, {"id": contact_id})
    return rows[0][0] if rows else None


def merged_contacts(target_id: UUID) -> list[MergedContact]:
    """Return what was merged into a contact, the latest first."""
    return [
        MergedContact(contact_id=found, name=name, merged_at=at, reversible=reversible)
        for found, name, at, reversible in execute(_MERGED, {"id": target_id})
    ]


def reopen(source_id: UUID, merge: MergeRecord, at: datetime) -> tuple[UUID, ...] | None:
    """Bring a merged contact back, and what led to it; return these, or None if it is not there.

    Copies of it, by content and UID, are its own again.
    """
    values: dict[str, Any] = {"id": source_id, "target": merge.target_id, "at": at}
    if not execute(_REOPEN, values):
        return None
    values |= {"source": source_id, "ids": list(merge.led), "keys": list(merge.fingerprints)}
    led = sorted(found for (found,) in execute(_LEAD_BACK, values))
    execute(_KNOW_AGAIN, values)
    return tuple(led)


def _json(draft: ContactDraft) -> str:
    return msgspec.json.encode(draft).decode()


def _draft(text: str) -> ContactDraft:
    return settled(msgspec.json.decode(text, type=ContactDraft))


def _record(row: tuple[Any, ...]) -> MergeRecord:
    found, target, before, after, led, keys, relationships, notes, lists = row
    return MergeRecord(
        id=found,
        target_id=target,
        before=_draft(before),
        after=_draft(after),
        led=tuple(led),
        fingerprints=tuple(map(bytes, keys)),
        relationships=relationships,
        notes=tuple(notes),
        lists=tuple(lists),
    )
