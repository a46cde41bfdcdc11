"""What becomes of proposals: each turn is one statement, whatever others do at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_enrichment.contract import LIST_FIELDS, Field
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute


@dataclass(frozen=True, slots=True)
class Turned:
    """A proposal that has just got into another state."""

    id: UUID
    contact_id: UUID
    field: Field
    provider: str


_ADD = """
    INSERT INTO crm_enrichment.proposal (workspace_id, id, contact_id, field, value, value_key,
        state, provider, method, source, quote, confidence, run_id, observed_at, retrieved_at,
        expires_at, version)
    SELECT %(workspace)s, r.id, r.contact_id, r.field, r.value, r.value_key, 'proposed', r.provider,
        r.method, r.source, r.quote, r.confidence, %(run_id)s::uuid, r.observed_at, %(at)s,
        r.expires_at, 1
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(id uuid, contact_id uuid, field text, value text,
        value_key text, provider text, method text, source text, quote text,
        confidence double precision, observed_at timestamptz, expires_at timestamptz)
    ORDER BY r.contact_id, r.field, r.value_key, r.provider
    ON CONFLICT (workspace_id, contact_id, field, value_key, provider) WHERE state = 'proposed'
    DO NOTHING
    RETURNING id, contact_id, field, provider
"""
_REFRESH = """
    UPDATE crm_enrichment.proposal p SET value = r.value, source = r.source, quote = r.quote,
        method = r.method, confidence = r.confidence, observed_at = r.observed_at,
        expires_at = r.expires_at, retrieved_at = %(at)s, version = p.version + 1
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(id uuid, value text, source text, quote text,
        method text, confidence double precision, observed_at timestamptz, expires_at timestamptz)
    WHERE p.id = r.id AND p.state = 'proposed'
"""
#: In the order of contacts, then of ids, as with all who lock several.
_LOCK = """
    SELECT id FROM crm_enrichment.proposal
    WHERE contact_id = ANY(%(ids)s::uuid[]) AND state IN ('proposed', 'applied')
    ORDER BY contact_id, id FOR UPDATE
"""
_APPLY = """
    WITH applied AS (
        UPDATE crm_enrichment.proposal p SET state = 'applied', decided_at = %(at)s,
            decided_by = %(by)s::uuid, version = p.version + 1, replaced = coalesce(g.replaced, (
                SELECT b.value FROM crm_enrichment.known k
                JOIN crm_enrichment.proposal b ON b.id = k.proposal_id
                WHERE k.contact_id = p.contact_id AND k.field = p.field
                    AND k.place = CASE WHEN p.field = ANY(%(lists)s) THEN p.value_key ELSE '' END)),
            replaces = (
                SELECT k.proposal_id FROM crm_enrichment.known k
                WHERE k.contact_id = p.contact_id AND k.field = p.field
                    AND k.place = CASE WHEN p.field = ANY(%(lists)s) THEN p.value_key ELSE '' END)
        FROM jsonb_to_recordset(%(given)s::jsonb) AS g(id uuid, replaced text)
        WHERE p.id = g.id AND p.state = 'proposed'
            AND (p.expires_at IS NULL OR p.expires_at > %(at)s)
        RETURNING p.id, p.contact_id, p.field, p.value_key, p.provider, p.replaces
    ), superseded AS (
        UPDATE crm_enrichment.proposal o SET state = 'superseded',
            decided_at = coalesce(o.decided_at, %(at)s), version = o.version + 1
        FROM applied a
        WHERE o.contact_id = a.contact_id AND o.field = a.field AND o.id <> a.id
            AND (o.id = a.replaces AND o.state = 'applied' OR o.state = 'proposed'
                AND (a.field <> ALL(%(lists)s) OR o.value_key = a.value_key))
    ), marked AS (
        INSERT INTO crm_enrichment.known (workspace_id, contact_id, field, place, proposal_id)
        SELECT %(workspace)s, contact_id, field,
            CASE WHEN field = ANY(%(lists)s) THEN value_key ELSE '' END, id FROM applied
        ON CONFLICT (workspace_id, contact_id, field, place)
        DO UPDATE SET proposal_id = excluded.proposal_id
    )
    SELECT id, contact_id, field, provider FROM applied
"""
_REJECT = """
    WITH rejected AS (
        UPDATE crm_enrichment.proposal SET state = 'rejected', decided_at = %(at)s,
            decided_by = %(by)s::uuid, version = version + 1
        WHERE id = %(id)s AND state = 'proposed'
        RETURNING id, contact_id, field, value_key, source, provider
    ), superseded AS (
        UPDATE crm_enrichment.proposal o SET state = 'superseded', decided_at = %(at)s,
            version = o.version + 1
        FROM rejected r
        WHERE o.contact_id = r.contact_id AND o.field = r.field AND o.value_key = r.value_key
            AND o.source = r.source AND o.state = 'proposed' AND o.id <> r.id
    )
    SELECT id, contact_id, field, provider FROM rejected
"""
#: Not what somebody has decided since it was read.
_SUPERSEDE = """
    UPDATE crm_enrichment.proposal SET state = 'superseded', decided_at = %(at)s,
        version = version + 1
    WHERE id = ANY(%(ids)s::uuid[]) AND state = 'proposed'
"""
_DROP = """
    WITH dropped AS (
        UPDATE crm_enrichment.proposal SET state = 'superseded', version = version + 1
        WHERE id = ANY(%(ids)s::uuid[]) AND state = 'applied' RETURNING id
    )
    DELETE FROM crm_enrichment.known k USING dropped WHERE k.proposal_id = dropped.id
"""
_REVERT = """
    WITH reverted AS (
        UPDATE crm_enrichment.proposal p SET state = 'reverted', decided_at = %(at)s,
            decided_by = %(by)s::uuid, version = p.version + 1
        FROM crm_enrichment.known k
        WHERE p.id = %(id)s AND p.state = 'applied' AND k.proposal_id = p.id
        RETURNING p.id, p.contact_id, p.field, p.provider, p.replaces
    ), restored AS (
        UPDATE crm_enrichment.proposal o SET state = 'applied', version = o.version + 1
        FROM reverted r WHERE o.id = r.replaces AND o.state = 'superseded'
        RETURNING o.id
    ), remarked AS (
        UPDATE crm_enrichment.known k SET proposal_id = o.id
        FROM reverted r, restored o WHERE k.proposal_id = r.id
    ), unmarked AS (
        DELETE FROM crm_enrichment.known k USING reverted r
        WHERE k.proposal_id = r.id AND NOT EXISTS (SELECT FROM restored)
    )
    SELECT id, contact_id, field, provider FROM reverted
"""


def add(
    rows: Sequence[Mapping[str, Any]], at: datetime, run_id: UUID | None = None
) -> list[Turned]:
    """Let proposals wait; one that waits already is not added, nor returned."""
    values = {"workspace": current_workspace(), "run_id": run_id, "at": at, "rows": _json(rows)}
    return _turned(_ADD, values) if rows else []


def refresh(rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Let proposals that wait say what is known of them by now."""
    if rows:
        execute(_REFRESH, {"rows": _json(rows), "at": at})


def lock(contact_ids: Sequence[UUID]) -> None:
    """Keep others from deciding on contacts until the commit."""
    execute(_LOCK, {"ids": list(contact_ids)})


def apply(
    replaced: Mapping[UUID, str | None], at: datetime, by: UUID | None = None
) -> list[Turned]:
    """Take proposals over, one for a place of a contact; `replaced` is what the contact said."""
    given = [{"id": proposal_id, "replaced": text} for proposal_id, text in replaced.items()]
    values = {
        "workspace": current_workspace(),
        "given": _json(given),
        "at": at,
        "by": by,
        "lists": [field.value for field in LIST_FIELDS],
    }
    return _turned(_APPLY, values) if given else []


def reject(proposal_id: UUID, at: datetime, by: UUID) -> list[Turned]:
    """Turn one down; what says the same from the same source waits no more."""
    return _turned(_REJECT, {"id": proposal_id, "at": at, "by": by})


def supersede(proposal_ids: Sequence[UUID], at: datetime) -> None:
    """Let proposals wait no more."""
    if proposal_ids:
        execute(_SUPERSEDE, {"ids": list(proposal_ids), "at": at})


def drop(proposal_ids: Sequence[UUID]) -> None:
    """Let what was taken over hold no more."""
    if proposal_ids:
        execute(_DROP, {"ids": list(proposal_ids)})


def revert(proposal_id: UUID, at: datetime, by: UUID) -> list[Turned]:
    """Take one back; what it replaced of our own holds again."""
    return _turned(_REVERT, {"id": proposal_id, "at": at, "by": by})


def unmark(proposal_ids: Sequence[UUID]) -> None:
    """Let fields say by themselves what they say."""
    if proposal_ids:
        execute(
            "DELETE FROM crm_enrichment.known WHERE proposal_id = ANY(%(ids)s::uuid[])",
            {"ids": list(proposal_ids)},
        )


def close(contact_ids: Sequence[UUID], at: datetime) -> None:
    """Let nothing wait for contacts that are gone."""
    execute(
        "UPDATE crm_enrichment.proposal SET state = 'superseded', decided_at = %(at)s,"
        " version = version + 1 WHERE contact_id = ANY(%(ids)s::uuid[]) AND state = 'proposed'",
        {"ids": list(contact_ids), "at": at},
    )


def lock_fields(edits: Sequence[tuple[UUID, Field]], at: datetime) -> None:
    """Keep fields for the people who have typed what stands there."""
    rows = [{"contact_id": contact_id, "field": field.value} for contact_id, field in edits]
    execute(
        "INSERT INTO crm_enrichment.field_lock (workspace_id, contact_id, field, locked_at)"
        " SELECT DISTINCT %(workspace)s::uuid, r.contact_id, r.field, %(at)s::timestamptz"
        " FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(contact_id uuid, field text)"
        " ORDER BY 2, 3 ON CONFLICT DO NOTHING",
        {"workspace": current_workspace(), "rows": _json(rows), "at": at},
    )


def _turned(statement: str, values: Mapping[str, Any]) -> list[Turned]:
    rows = execute(statement, values)
    found = [Turned(row[0], row[1], Field(row[2]), row[3]) for row in rows]
    return sorted(found, key=lambda item: item.id)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
