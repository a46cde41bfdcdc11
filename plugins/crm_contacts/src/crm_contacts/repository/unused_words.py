"""Words of a workspace that none of its contacts has any more, and their end."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.repository.people import begin_erasing
from meishi.sdk.database import execute

#: How many words are looked at with one statement.
_PAGE = 10_000
_UNUSED = "NOT EXISTS (SELECT FROM crm_contacts.contact_word c WHERE c.word = w.word)"
_LOOK = f"""
    SELECT max(word), coalesce(array_agg(word) FILTER (WHERE unused), '{{}}') FROM (
        SELECT w.word, {_UNUSED} AS unused FROM crm_contacts.word w
        WHERE w.word > %(after)s ORDER BY w.word LIMIT {_PAGE}) AS page
"""
_DELETE = f"""
    DELETE FROM crm_contacts.word w WHERE w.word = ANY(%(words)s::text[]) AND {_UNUSED} RETURNING 1
"""
#: Whoever writes words waits for this, and this for them: for no longer.
_BRIEFLY = "SELECT set_config('lock_timeout', '2s', true)"


def find(limit: int) -> list[str]:
    """Return words that no contact has: `limit` of them or somewhat more, if there are so many."""
    found: list[str] = []
    after: str | None = ""
    while after is not None and len(found) < limit:
        ((after, unused),) = execute(_LOOK, {"after": after})
        found += unused
    return found


def delete(words: Sequence[str]) -> int:
    """Delete those of some words that no contact has; return how many that were.

    Nobody writes words meanwhile: one that is taken out must not be of use to others.
    """
    execute(_BRIEFLY)
    begin_erasing()
    return len(execute(_DELETE, {"words": list(words)}))
