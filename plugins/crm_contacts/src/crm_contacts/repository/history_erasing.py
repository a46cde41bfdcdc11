"""What histories hold about a person, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from meishi.sdk.database import execute

_DOCUMENTS = """
    SELECT id, json_build_object('contact_id', contact_id, 'version', version, 'at', at,
        'action', action, 'source', source, 'source_id', origin_id, 'source_row', source_row,
        'actor', actor, 'actor_id', actor_id, 'fields', fields)::text
    FROM crm_contacts.contact_change WHERE contact_id = ANY(%(ids)s::uuid[])
    ORDER BY contact_id, version
"""
#: Who took what contacts said, and since which version of theirs: by merges, one after the other.
_TOOK = """
    WITH RECURSIVE took (contact_id, version) AS (
        SELECT id, 0 FROM unnest(%(ids)s::uuid[]) AS t (id)
        UNION
        SELECT into_it.contact_id, into_it.version FROM took t
        JOIN crm_contacts.contact_change gone ON gone.contact_id = t.contact_id
            AND gone.version >= t.version AND gone.action IN ('deleted', 'restored')
            AND gone.source IN ('merge', 'unmerge')
        JOIN crm_contacts.contact_change into_it ON into_it.origin_id = gone.origin_id
            AND into_it.action = 'updated' AND into_it.source IN ('merge', 'unmerge')
    )
    SELECT contact_id, min(version) FROM took WHERE version > 0 GROUP BY contact_id
"""
_DELETE = "DELETE FROM crm_contacts.contact_change WHERE contact_id = ANY(%(ids)s::uuid[])"
#: Of a number that may stand within a text.
_DIGITS = 5
_WITHOUT_VALUES = "json_build_object('field', f ->> 'field', 'erased', true)"
#: From a merge on, anything in the history of the one that stays may be what the other one said.
_ERASE_MERGED = f"""
    UPDATE crm_contacts.contact_change h SET fields = (
        SELECT json_agg({_WITHOUT_VALUES} ORDER BY place)
        FROM json_array_elements(h.fields) WITH ORDINALITY AS t (f, place))
    FROM unnest(%(took)s::uuid[], %(since)s::integer[]) AS m (contact_id, version)
    WHERE h.contact_id = m.contact_id AND h.version >= m.version AND length(h.fields::text) > 2
"""
_NAMES = (
    "EXISTS (SELECT FROM unnest(%(texts)s::text[]) AS w (text)"
    " WHERE position(w.text IN lower(({value})::text)) > 0)"
)
_VALUES = "concat(f -> 'before', f -> 'after')"
_ERASE_MENTIONS = f"""
    UPDATE crm_contacts.contact_change h SET fields = (
        SELECT json_agg(CASE WHEN {_NAMES.format(value=_VALUES)} THEN {_WITHOUT_VALUES} ELSE f END
            ORDER BY place)
        FROM json_array_elements(h.fields) WITH ORDINALITY AS t (f, place))
    WHERE length(h.fields::text) > 2 AND {_NAMES.format(value="h.fields")}
"""


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return every change of contacts, deleted ones too: its id and JSON text."""
    rows = execute(_DOCUMENTS, {"ids": list(contact_ids)})
    return [(found, text) for found, text in rows]


def erase(contact_ids: Sequence[UUID], texts: Sequence[str]) -> None:
    """Delete the histories of contacts, and from those of others all that names them.

    Of contacts that one of them was ever merged into, and of those that took these, no values are
    left since then; of others those that hold one of the texts, in any case, are erased. Of a
    text that is no address and has few digits, those are that hold it as a whole value.
    """
    ids = list(contact_ids)
    took = execute(_TOOK, {"ids": ids})
    delete(ids)
    if took:
        values = {"took": [found for found, _ in took], "since": [since for _, since in took]}
        execute(_ERASE_MERGED, values)
    if texts:
        execute(_ERASE_MENTIONS, {"texts": [_in_json(text) for text in texts]})


def delete(contact_ids: Sequence[UUID]) -> None:
    """Delete the histories of contacts."""
    execute(_DELETE, {"ids": list(contact_ids)})


def _in_json(text: str) -> str:
    """Return a text as it stands inside of one of JSON, in lower case.

    One that names nobody, as it is neither an address nor a number of some length, is looked for
    as a whole value: else a letter that came into a field of numbers would erase all histories.
    """
    found = msgspec.json.encode(text.lower()).decode()
    named = "@" in text or sum(map(str.isdigit, text)) >= _DIGITS
    return found[1:-1] if named else found
