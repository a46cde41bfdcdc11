"""Statements that move what is known of a contact with a merge, and give it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_enrichment.repository import transitions
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Before anything is done: proposals with their states, where what they say is taken over, texts,
#: and locks.
_NOTE = """
    INSERT INTO crm_enrichment.moved (workspace_id, contact_id, kind, key, state, place, at)
    SELECT %(workspace)s, %(source)s, n.kind, n.key, n.state, n.place, n.at FROM (
        SELECT 'proposal' AS kind, p.id::text AS key, p.state, k.place, p.decided_at AS at
        FROM crm_enrichment.proposal p LEFT JOIN crm_enrichment.known k
            ON k.workspace_id = p.workspace_id AND k.proposal_id = p.id
                AND k.contact_id = p.contact_id
        WHERE p.contact_id = %(source)s
        UNION ALL
        SELECT 'text', id::text, NULL, NULL, NULL FROM crm_enrichment.extraction
        WHERE contact_id = %(source)s
        UNION ALL
        SELECT 'lock', field, NULL, NULL, locked_at FROM crm_enrichment.field_lock
        WHERE contact_id = %(source)s
    ) AS n
    ON CONFLICT (workspace_id, contact_id, kind, key) DO UPDATE
    SET state = excluded.state, place = excluded.place, at = excluded.at
"""
#: What waits for the target already does not wait twice.
_DOUBLE = """
    UPDATE crm_enrichment.proposal p SET state = 'superseded', decided_at = %(at)s,
        version = version + 1
    WHERE p.contact_id = %(source)s AND p.state = 'proposed' AND EXISTS (
        SELECT FROM crm_enrichment.proposal o WHERE o.contact_id = %(target)s
            AND o.state = 'proposed' AND o.field = p.field AND o.value_key = p.value_key
            AND o.provider = p.provider)
"""
_UNMARK = """
    WITH gone AS (
        DELETE FROM crm_enrichment.known k WHERE k.contact_id = %(source)s AND EXISTS (
            SELECT FROM crm_enrichment.known o WHERE o.contact_id = %(target)s
                AND o.field = k.field AND o.place = k.place)
        RETURNING k.proposal_id
    )
    UPDATE crm_enrichment.proposal p SET state = 'superseded', version = p.version + 1
    FROM gone WHERE p.id = gone.proposal_id AND p.state = 'applied'
"""
_MOVE = """
    WITH moved AS (
        UPDATE crm_enrichment.proposal SET contact_id = %(target)s, version = version + 1
        WHERE contact_id = %(source)s RETURNING 1
    ), marks AS (
        UPDATE crm_enrichment.known SET contact_id = %(target)s WHERE contact_id = %(source)s
    ), others AS (
        DELETE FROM crm_enrichment.employment WHERE contact_id = %(source)s
    ), texts AS (
        UPDATE crm_enrichment.extraction SET contact_id = %(target)s WHERE contact_id = %(source)s
    ), locks AS (
        DELETE FROM crm_enrichment.field_lock WHERE contact_id = %(source)s
    )
    SELECT count(*) FROM moved
"""
#: A proposal that was applied and then gave way to one of the target is applied again.
_GIVE_BACK = """
    WITH theirs AS (
        SELECT DISTINCT ON (key) key, state, place FROM crm_enrichment.moved
        WHERE kind = 'proposal' AND contact_id = ANY(%(sources)s::uuid[])
        ORDER BY key, contact_id = %(owner)s DESC
    ), returned AS (
        UPDATE crm_enrichment.proposal p SET contact_id = %(owner)s, version = p.version + 1,
            state = CASE WHEN p.state = 'superseded' AND t.state = 'applied' THEN 'applied'
                ELSE p.state END
        FROM theirs t WHERE p.id = t.key::uuid AND p.contact_id = %(target)s
            AND (p.state <> 'proposed' OR NOT EXISTS (
                SELECT FROM crm_enrichment.proposal o WHERE o.contact_id = %(owner)s
                    AND o.state = 'proposed' AND o.field = p.field
                    AND o.value_key = p.value_key AND o.provider = p.provider))
        RETURNING p.workspace_id, p.id, p.field, p.state, t.place
    ), unmarked AS (
        DELETE FROM crm_enrichment.known k USING returned r
        WHERE k.proposal_id = r.id AND k.contact_id = %(target)s
    ), marked AS (
        INSERT INTO crm_enrichment.known (workspace_id, contact_id, field, place, proposal_id)
        SELECT workspace_id, %(owner)s, field, place, id FROM returned
        WHERE state = 'applied' AND place IS NOT NULL
        ON CONFLICT DO NOTHING
    ), forgotten AS (
        DELETE FROM crm_enrichment.moved m USING returned r
        WHERE m.kind = 'proposal' AND m.key = r.id::text
            AND m.contact_id <> ALL(%(further)s::uuid[])
    )
    SELECT count(*) FROM returned
"""
_GIVE_TEXTS_BACK = """
    UPDATE crm_enrichment.extraction e SET contact_id = %(owner)s
    FROM crm_enrichment.moved m
    WHERE m.kind = 'text' AND m.contact_id = ANY(%(sources)s::uuid[]) AND e.id = m.key::uuid
        AND e.contact_id = %(target)s
"""
_LOCK_AGAIN = """
    INSERT INTO crm_enrichment.field_lock (workspace_id, contact_id, field, locked_at)
    SELECT workspace_id, contact_id, key, at FROM crm_enrichment.moved
    WHERE kind = 'lock' AND contact_id = %(owner)s ON CONFLICT DO NOTHING
"""
_KEPT = """
    WITH forgotten AS (
        DELETE FROM crm_enrichment.moved WHERE contact_id = %(owner)s RETURNING kind, key
    )
    SELECT count(*) FROM forgotten f JOIN crm_enrichment.proposal p
        ON f.kind = 'proposal' AND p.id = f.key::uuid AND p.contact_id <> %(owner)s
"""


def move(source: UUID, target: UUID, at: datetime) -> int:
    """Let what is known of one contact be that of another, which keeps its own; return how much.

    What people have typed for the source stands in the target, or does not: its locks go.
    """
    transitions.lock([source, target])
    values = {"source": source, "target": target, "at": at}
    execute(_NOTE, values | {"workspace": current_workspace()})
    execute(_DOUBLE, values)
    execute(_UNMARK, values)
    return int(execute(_MOVE, values)[0][0])


def give_back(source_ids: Sequence[UUID], target: UUID) -> tuple[int, int]:
    """Let what came from sources and is known of the target be that of the first of them.

    Returns how many proposals went back, and how many are somebody else's by now and stay.
    """
    transitions.lock(sorted([source_ids[0], target]))
    values = {
        "owner": source_ids[0],
        "sources": list(source_ids),
        "further": list(source_ids[1:]),
        "target": target,
    }
    returned = int(execute(_GIVE_BACK, values)[0][0])
    execute(_GIVE_TEXTS_BACK, values)
    execute(_LOCK_AGAIN, values)
    return returned, int(execute(_KEPT, values)[0][0])
