"""What the viral engine holds about users, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from meishi.sdk.database import execute, in_workspace_of, resolve

#: No workspace comes before it.
_FIRST = UUID(int=0)
_RECORDS = """
    SELECT 'participant', id, json_build_object('programme_id', programme_id, 'earned', earned,
        'joined_at', joined_at)::text FROM crm_viral.participant WHERE user_id = %(user_id)s
    UNION ALL
    SELECT 'link', l.id, json_build_object('code', l.code, 'label', l.label,
        'created_at', l.created_at)::text
    FROM crm_viral.link l JOIN crm_viral.participant p ON p.id = l.participant_id
    WHERE p.user_id = %(user_id)s
    UNION ALL
    SELECT 'conversion', id, json_build_object('referrer_id', referrer_id,
        'referee_id', referee_id, 'converted_at', converted_at)::text
    FROM crm_viral.conversion WHERE referee_id = %(user_id)s
    UNION ALL
    SELECT 'reward', id, json_build_object('rule', rule, 'amount', amount, 'unit', unit,
        'at', at)::text FROM crm_viral.entry WHERE beneficiary_id = %(user_id)s
"""
#: The cookie's digest of who signed up leads nowhere from then on. What was one visitor stays one:
#: counts stay as they are.
_FORGET_VISITS = """
    WITH known AS (
        SELECT DISTINCT t.visitor FROM crm_viral.conversion c
        CROSS JOIN LATERAL jsonb_array_elements(c.explanation -> 'touches') AS w
        JOIN crm_viral.touch t ON t.id = (w ->> 'touch_id')::uuid
        WHERE c.referee_id = %(user_id)s
    ), nobody AS MATERIALIZED (
        SELECT visitor, decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS instead
        FROM known
    )
    UPDATE crm_viral.touch t SET visitor = n.instead FROM nobody n WHERE t.visitor = n.visitor
    RETURNING 1
"""
_FORGET_LABELS = """
    UPDATE crm_viral.link SET label = NULL WHERE label IS NOT NULL AND participant_id IN
        (SELECT id FROM crm_viral.participant WHERE user_id = %(user_id)s)
    RETURNING 1
"""
_FORGET_EXPLANATIONS = """
    UPDATE crm_viral.conversion
    SET explanation = jsonb_set(explanation, '{touches}', '[]'), version = version + 1
    WHERE referee_id = %(user_id)s AND explanation -> 'touches' <> '[]'::jsonb
    RETURNING 1
"""
_STAYING = """
    SELECT (SELECT count(*) FROM crm_viral.entry WHERE beneficiary_id = %(user_id)s)
        + (SELECT count(*) FROM crm_viral.conversion
           WHERE referee_id = %(user_id)s OR referrer_id = %(user_id)s)
"""


def records(user_id: UUID) -> Sequence[tuple[str, UUID, str]]:
    """Return what is held about a user here: kind, id and JSON text."""
    return [(kind, key, text) for kind, key, text in execute(_RECORDS, {"user_id": user_id})]


def forget(user_id: UUID) -> int:
    """Take what tells of a user from touches, links and explanations; return how many did."""
    values = {"user_id": user_id}
    statements = (_FORGET_VISITS, _FORGET_EXPLANATIONS, _FORGET_LABELS)
    return sum(len(execute(statement, values)) for statement in statements)


def forget_everywhere(user_id: UUID) -> int:
    """Do the same in every workspace that knows a user, in turn, outside of any workspace."""
    forgotten, behind = 0, _FIRST
    while (found := resolve("crm_viral.resolve_person", user_id, behind)) is not None:
        with in_workspace_of(found) as behind:
            forgotten += forget(user_id)
    return forgotten


def staying(user_id: UUID) -> int:
    """Return how many rows of the books name a user by their id."""
    return int(execute(_STAYING, {"user_id": user_id})[0][0])
