"""Dry runs: how far they have come, and the contacts that there would be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import CardStatus, ContactDraft, ImportCounts, ImportRow
from crm_contacts.sources import Position
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COUNTS = tuple(status.value for status in CardStatus)
_GET = f"""
    SELECT next_offset, next_line, {", ".join(_COUNTS)}, reasons::text, operation_id, completed_at
    FROM crm_contacts.dry_run WHERE import_id = %(id)s
"""
_ADD = f"""
    INSERT INTO crm_contacts.dry_run
        (workspace_id, import_id, next_offset, next_line, {", ".join(_COUNTS)}, reasons)
    VALUES (%(workspace)s, %(id)s, 0, 1, 0, 0, 0, 0, '[]')
"""
_ADVANCE = f"""
    UPDATE crm_contacts.dry_run SET next_offset = %(offset)s, next_line = %(line)s,
        {", ".join(f"{name} = %({name})s" for name in _COUNTS)}, reasons = %(reasons)s::json,
        completed_at = %(at)s
    WHERE import_id = %(id)s
"""
_PUT_CONTACTS = """
    INSERT INTO crm_contacts.dry_contact (workspace_id, import_id, contact_id, draft)
    SELECT %(workspace)s::uuid, %(id)s::uuid, contact_id, draft::json
    FROM unnest(%(contacts)s::uuid[], %(drafts)s::text[]) AS new (contact_id, draft)
    ON CONFLICT (workspace_id, import_id, contact_id) DO UPDATE SET draft = excluded.draft
"""
_PUT_KEYS = """
    INSERT INTO crm_contacts.dry_key (workspace_id, import_id, content_key, contact_id)
    SELECT %(workspace)s::uuid, %(id)s::uuid, * FROM unnest(%(keys)s::bytea[], %(contacts)s::uuid[])
    ON CONFLICT (workspace_id, import_id, content_key) DO NOTHING
"""
_BY_KEY = """
    SELECT content_key, contact_id FROM crm_contacts.dry_key
    WHERE import_id = %(id)s AND content_key = ANY(%(keys)s::bytea[])
"""
_DRAFTS = """
    SELECT contact_id, draft::text FROM crm_contacts.dry_contact
    WHERE import_id = %(id)s AND contact_id = ANY(%(contacts)s::uuid[])
"""

_WITH = """
    SELECT import_id FROM crm_contacts.dry_contact WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION SELECT import_id FROM crm_contacts.dry_key WHERE contact_id = ANY(%(ids)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class StoredDryRun:
    """A dry run and where it goes on."""

    following: Position
    counts: ImportCounts
    reasons: tuple[ImportRow, ...]
    operation_id: UUID | None
    completed_at: datetime | None


def get(import_id: UUID) -> StoredDryRun | None:
    """Return the dry run of an import; who writes to it holds the import."""
    for offset, line, *found, reasons, operation_id, completed_at in execute(
        _GET, {"id": import_id}
    ):
        counts = ImportCounts(**dict(zip(_COUNTS, found, strict=True)))
        return StoredDryRun(
            following=Position(offset, line, counts.rows),
            counts=counts,
            reasons=msgspec.json.decode(reasons, type=tuple[ImportRow, ...]),
            operation_id=operation_id,
            completed_at=completed_at,
        )
    return None


def add(import_id: UUID) -> None:
    """Insert a dry run that begins, in the place of one that there was."""
    remove(import_id)
    execute(_ADD, {"workspace": current_workspace(), "id": import_id})


def set_operation(import_id: UUID, operation_id: UUID) -> None:
    """Write down which operation does it."""
    execute(
        "UPDATE crm_contacts.dry_run SET operation_id = %(operation)s WHERE import_id = %(id)s",
        {"id": import_id, "operation": operation_id},
    )


def advance(
    import_id: UUID,
    counts: ImportCounts,
    reasons: Sequence[ImportRow],
    following: Position | None,
    at: datetime,
) -> None:
    """Write how far it has come; at the end, what there would be is forgotten."""
    values: dict[str, Any] = {name: getattr(counts, name) for name in _COUNTS}
    values |= {"id": import_id, "reasons": msgspec.json.encode(list(reasons)).decode()}
    values["offset"] = 0 if following is None else following.offset
    values["line"] = 1 if following is None else following.line
    values["at"] = at if following is None else None
    execute(_ADVANCE, values)
    if following is None:
        forget_contacts(import_id)


def remove(import_id: UUID) -> None:
    """Forget a dry run, if there is one."""
    execute("DELETE FROM crm_contacts.dry_run WHERE import_id = %(id)s", {"id": import_id})
    forget_contacts(import_id)


def forget_contacts(import_id: UUID) -> None:
    """Forget the contacts that there would be."""
    for table in ("dry_contact", "dry_key"):
        execute(f"DELETE FROM crm_contacts.{table} WHERE import_id = %(id)s", {"id": import_id})


def remove_all() -> None:
    """Forget all dry runs, with the contacts that there would be."""
    for table in ("dry_run", "dry_contact", "dry_key"):
        execute(f"DELETE FROM crm_contacts.{table}", {})


def remove_with(contact_ids: Sequence[UUID]) -> None:
    """Forget the dry runs that know of contacts; who is at one begins anew."""
    for (import_id,) in execute(_WITH, {"ids": list(contact_ids)}):
        remove(import_id)


def put(import_id: UUID, drafts: Mapping[UUID, ContactDraft], keys: Mapping[bytes, UUID]) -> None:
    """Keep the contacts that there would be, and how they are known again."""
    values: dict[str, Any] = {"workspace": current_workspace(), "id": import_id}
    if drafts:
        written = [msgspec.json.encode(draft).decode() for draft in drafts.values()]
        execute(
            f"{_PUT_CONTACTS} RETURNING 1", values | {"contacts": list(drafts), "drafts": written}
        )
    if keys:
        written_keys = {"keys": list(keys), "contacts": list(keys.values())}
        execute(f"{_PUT_KEYS} RETURNING 1", values | written_keys)


def ids_by_key(import_id: UUID, keys: Collection[bytes]) -> dict[bytes, UUID]:
    """Return which contacts there would be under some contents and UIDs."""
    rows = execute(_BY_KEY, {"id": import_id, "keys": list(keys)}) if keys else []
    return {bytes(key): contact_id for key, contact_id in rows}


def drafts(import_id: UUID, contact_ids: Collection[UUID]) -> dict[UUID, ContactDraft]:
    """Return what contacts would say by now, as far as that differs from what they say."""
    values = {"id": import_id, "contacts": list(contact_ids)}
    rows = execute(_DRAFTS, values) if contact_ids else []
    return {found: msgspec.json.decode(text, type=ContactDraft) for found, text in rows}
