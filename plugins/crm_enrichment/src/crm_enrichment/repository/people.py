"""What is known of the people of contacts: moved, told, and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from meishi.sdk.database import execute

_TABLES = ("known", "proposal", "field_lock", "employment", "extraction", "moved")
_RECORDS = """
    SELECT id, json_build_object('contact_id', contact_id, 'field', field, 'value', value,
        'state', state, 'provider', provider, 'source', source, 'quote', quote,
        'confidence', confidence, 'retrieved_at', retrieved_at)::text
    FROM crm_enrichment.proposal WHERE contact_id = ANY(%(ids)s::uuid[]) ORDER BY id
"""
#: Texts about contacts, and those about nobody in particular that name an address or number.
_SPEAKS = """
    (contact_id = ANY(%(ids)s::uuid[]) OR contact_id IS NULL AND EXISTS (
        SELECT FROM unnest(%(words)s::text[]) AS word
        WHERE strpos(translate(lower(content), %(marks)s, ''), translate(word, %(marks)s, '')) > 0))
"""
_TEXTS = f"""
    SELECT id, json_build_object('contact_id', contact_id, 'text', content,
        'extracts', extracts::json, 'created_at', created_at, 'expires_at', expires_at)::text
    FROM crm_enrichment.extraction WHERE {_SPEAKS} ORDER BY id
"""
_FORGET_TEXTS = f"DELETE FROM crm_enrichment.extraction WHERE {_SPEAKS} RETURNING 1"
#: What numbers are written with.
_MARKS = " \t-()/."


def records(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return what was found about contacts: id and JSON text."""
    return [(row[0], row[1]) for row in execute(_RECORDS, {"ids": list(contact_ids)})]


def texts(contact_ids: Sequence[UUID], words: Sequence[str]) -> list[tuple[UUID, str]]:
    """Return the kept texts that speak of people, and what was read of them: id and JSON text."""
    return [(row[0], row[1]) for row in execute(_TEXTS, _spoken(contact_ids, words))]


def forget_texts(contact_ids: Sequence[UUID], words: Sequence[str]) -> int:
    """Remove the kept texts that speak of people; return how many there were."""
    return len(execute(_FORGET_TEXTS, _spoken(contact_ids, words)))


def forget(contact_ids: Sequence[UUID]) -> int:
    """Remove all that is known of contacts; return how many records there were."""
    values = {"ids": list(contact_ids)}
    return sum(
        len(
            execute(
                f"DELETE FROM crm_enrichment.{table} WHERE contact_id = ANY(%(ids)s::uuid[])"
                " RETURNING 1",
                values,
            )
        )
        for table in _TABLES
    )


def _spoken(contact_ids: Sequence[UUID], words: Sequence[str]) -> dict[str, object]:
    return {"ids": list(contact_ids), "words": [word for word in words if word], "marks": _MARKS}
