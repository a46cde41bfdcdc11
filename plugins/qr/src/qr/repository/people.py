"""What the QR generator holds about the people of contacts, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from meishi.sdk.database import execute

_RECORDS = """
    SELECT 'card' AS kind, id, json_build_object('title', title, 'fields', fields, 'slug', slug,
        'contact_id', contact_id, 'created_at', created_at)::text
    FROM qr.card WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'code', c.id, json_build_object('card_id', c.card_id, 'kind', c.kind,
        'content', c.content, 'label', c.label, 'created_at', c.created_at)::text
    FROM qr.code c WHERE c.card_id IN
        (SELECT id FROM qr.card WHERE contact_id = ANY(%(ids)s::uuid[]))
"""
#: Cards before codes, as with all who lock both.
_CARDS = """
    UPDATE qr.card SET title = '', version = version + 1, updated_at = now()
    WHERE contact_id = ANY(%(ids)s::uuid[]) AND title <> '' RETURNING 1
"""
_CODES = """
    UPDATE qr.code SET content = '', label = NULL, version = version + 1, updated_at = now(),
        deleted_at = coalesce(deleted_at, now())
    WHERE (content <> '' OR label IS NOT NULL)
        AND card_id IN (SELECT id FROM qr.card WHERE contact_id = ANY(%(ids)s::uuid[]))
    RETURNING 1
"""


def records(contact_ids: Sequence[UUID]) -> list[tuple[str, UUID, str]]:
    """Return cards and codes of contacts: kind, id and JSON text."""
    found = execute(_RECORDS, {"ids": list(contact_ids)})
    return [(kind, record_id, text) for kind, record_id, text in found]


def empty(contact_ids: Sequence[UUID]) -> int:
    """Take what is said from cards and codes of contacts; return how many said something."""
    values = {"ids": list(contact_ids)}
    return len(execute(_CARDS, values)) + len(execute(_CODES, values))
