"""What the social graph holds about the people of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from meishi.sdk.database import execute

_RECORDS = """
    SELECT 'node', id, json_build_object('name', name, 'organisation', organisation)::text
    FROM crm_graph.node WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'evidence', low, json_build_object('source', source, 'key', key, 'low', low,
        'high', high, 'direction', direction, 'occurred_at', occurred_at)::text
    FROM crm_graph.evidence WHERE low = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'evidence', high, json_build_object('source', source, 'key', key, 'low', low,
        'high', high, 'direction', direction, 'occurred_at', occurred_at)::text
    FROM crm_graph.evidence WHERE high = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'place', contact_id, json_build_object('community', community, 'x', x, 'y', y)::text
    FROM crm_graph.place WHERE contact_id = ANY(%(ids)s::uuid[])
"""
_UNPLACE = "DELETE FROM crm_graph.place WHERE contact_id = ANY(%(ids)s::uuid[]) RETURNING 1"


def records(contact_ids: Sequence[UUID]) -> list[tuple[str, UUID, str]]:
    """Return all that is known of contacts: kind, whose it is, and JSON text."""
    found = execute(_RECORDS, {"ids": list(contact_ids)})
    return [(kind, contact_id, text) for kind, contact_id, text in found]


def unplace(contact_ids: Sequence[UUID]) -> int:
    """Take people out of the picture; return how many were in it."""
    return len(execute(_UNPLACE, {"ids": list(contact_ids)}))
