"""Statements about the words of what is attached to contacts: tags, custom values and notes.

Each kind has a weight of its own among the words of a contact. Whoever writes those of one kind
holds the contact, or has just made it, so that nobody else knows less of it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contacts.words import attached_words
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Texts of one kind by contact.
Texts = Mapping[UUID, Sequence[str]]

#: Contacts whose words are written at once.
_CHUNK = 5_000
#: In their order: of two transactions with the same new words, neither waits for the other.
_ADD = """
    words AS (
        INSERT INTO crm_contacts.word (workspace_id, word)
        SELECT DISTINCT %(workspace)s::uuid, n.word COLLATE "C" AS word
        FROM unnest(%(words)s::text[]) AS n (word) ORDER BY word ON CONFLICT DO NOTHING
    ), added AS (
        INSERT INTO crm_contacts.contact_word (workspace_id, contact_id, word, weight)
        SELECT %(workspace)s::uuid, n.contact_id, n.word, %(weight)s::smallint
        FROM unnest(%(contacts)s::uuid[], %(words)s::text[]) AS n (contact_id, word)
        ORDER BY n.word COLLATE "C", n.contact_id ON CONFLICT DO NOTHING
    )
"""
_GO = """
    gone AS (
        DELETE FROM crm_contacts.contact_word w
        WHERE w.contact_id = ANY(%(ids)s::uuid[]) AND w.weight = %(weight)s::smallint
            AND NOT EXISTS (
                SELECT FROM unnest(%(contacts)s::uuid[], %(words)s::text[]) AS n (contact_id, word)
                WHERE n.contact_id = w.contact_id AND n.word COLLATE "C" = w.word)
    )
"""


def add(weight: int, texts: Texts) -> None:
    """Let contacts have the words of some texts besides those that they have."""
    _write(f"WITH {_ADD} SELECT 1", weight, texts, only_new=True)


def put(weight: int, texts: Texts) -> None:
    """Let contacts have the words of these texts, and no others of that weight."""
    _write(f"WITH {_GO}, {_ADD} SELECT 1", weight, texts, only_new=False)


def _write(statement: str, weight: int, texts: Texts, *, only_new: bool) -> None:
    known: dict[tuple[str, ...], list[str]] = {}
    ids = list(texts)
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        pairs = [(found, word) for found in some for word in _words(tuple(texts[found]), known)]
        if pairs or not only_new:
            values = {
                "workspace": current_workspace(),
                "weight": weight,
                "contacts": [found for found, _ in pairs],
                "words": [word for _, word in pairs],
            }
            execute(statement, values if only_new else values | {"ids": some})


def _words(texts: tuple[str, ...], known: dict[tuple[str, ...], list[str]]) -> list[str]:
    """Return the words of texts, which many contacts have in common."""
    if texts not in known:
        known[texts] = attached_words(texts)
    return known[texts]
