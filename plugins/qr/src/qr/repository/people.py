"""What the QR generator holds about the people of contacts, and its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from meishi.sdk.database import execute

_NOT_DIGIT = re.compile(r"\D")
#: Of what waits for its contact, by address and number as they were typed. It waits for seconds.
_THEIRS = """
    (e.visitor_contact_id = ANY(%(ids)s::uuid[])
        OR (e.state = 'received' AND (lower(e.email) = ANY(%(emails)s::text[])
            OR regexp_replace(e.phone, '\\D', '', 'g') = ANY(%(digits)s::text[]))))
"""
_RECORDS = f"""
    SELECT 'card' AS kind, id, json_build_object('title', title, 'fields', fields, 'slug', slug,
        'contact_id', contact_id, 'created_at', created_at)::text
    FROM qr.card WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'code', c.id, json_build_object('card_id', c.card_id, 'kind', c.kind,
        'content', c.content, 'label', c.label, 'created_at', c.created_at)::text
    FROM qr.code c WHERE c.card_id IN
        (SELECT id FROM qr.card WHERE contact_id = ANY(%(ids)s::uuid[]))
    UNION ALL
    SELECT 'exchange', e.id, json_build_object('card_id', e.card_id, 'state', e.state,
        'name', e.name, 'email', e.email, 'phone', e.phone, 'organisation', e.organisation,
        'title', e.title, 'note', e.note, 'consent_version', e.consent_version,
        'consent_text', e.consent_text, 'consent_purpose', e.consent_purpose,
        'visitor_contact_id', e.visitor_contact_id, 'created_at', e.created_at)::text
    FROM qr.exchange e WHERE {_THEIRS}
"""
_EXCHANGES = f"""
    UPDATE qr.exchange e SET name = NULL, email = NULL, phone = NULL, organisation = NULL,
        title = NULL, note = NULL, content = NULL,
        version = version + CASE state WHEN 'received' THEN 1 ELSE 0 END,
        settled_at = coalesce(settled_at, now()),
        state = CASE state WHEN 'received' THEN 'refused' ELSE state END
    WHERE {_THEIRS} AND (e.name IS NOT NULL OR e.content IS NOT NULL) RETURNING 1
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


def records(
    contact_ids: Sequence[UUID], emails: Sequence[str], phones: Sequence[str]
) -> list[tuple[str, UUID, str]]:
    """Return cards, codes and exchanges of a person: kind, id and JSON text."""
    found = execute(_RECORDS, _mentions(contact_ids, emails, phones))
    return [(kind, record_id, text) for kind, record_id, text in found]


def empty(contact_ids: Sequence[UUID]) -> int:
    """Take what is said from cards and codes of contacts; return how many said something."""
    values = {"ids": list(contact_ids)}
    execute("DELETE FROM qr.moved WHERE contact_id = ANY(%(ids)s::uuid[])", values)
    return len(execute(_CARDS, values)) + len(execute(_CODES, values))


def empty_exchanges(
    contact_ids: Sequence[UUID], emails: Sequence[str] = (), phones: Sequence[str] = ()
) -> int:
    """Take what they say of a person from exchanges; return how many said something.

    The consent stays, of which nobody can tell whose it was.
    """
    return len(execute(_EXCHANGES, _mentions(contact_ids, emails, phones)))


def _mentions(
    contact_ids: Sequence[UUID], emails: Sequence[str], phones: Sequence[str]
) -> dict[str, list[Any]]:
    return {
        "ids": list(contact_ids),
        "emails": [email.lower() for email in emails],
        "digits": [_NOT_DIGIT.sub("", phone) for phone in phones],
    }
