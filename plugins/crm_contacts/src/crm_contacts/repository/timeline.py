"""Statements about what happened with contacts: of several tables, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import NOTE_KIND, Happening, TimelineEntry
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_OWNER = "crm_contacts"
#: Ids are made in order of time, whatever they are of. An event about several contacts that are one
#: by now is one entry. Contacts are asked for one at a time: indexes have the notes and the events
#: of one of them in order.
_PAGE = f"""
    SELECT * FROM (
        SELECT n.* FROM unnest(%(contacts)s::uuid[]) AS c (id) CROSS JOIN LATERAL (
            (SELECT h.id, h.contact_id, h.at, h.action AS kind, '{_OWNER}' AS plugin, h.actor_id,
                (SELECT json_agg(pair) FROM (
                    SELECT json_build_array('source', h.source) AS pair
                    UNION ALL SELECT json_build_array('field', f ->> 'field')
                    FROM json_array_elements(h.fields) AS f) AS pairs)::text AS details
            FROM crm_contacts.contact_change AS h
            WHERE h.contact_id = c.id AND h.id < %(after)s ORDER BY h.id DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT n.id, n.subject_id, n.created_at, '{NOTE_KIND}', '{_OWNER}', n.author_id, '[]'
            FROM crm_contacts.contact_note AS n
            WHERE n.subject_id = c.id AND n.id < %(after)s ORDER BY n.id DESC LIMIT %(limit)s)
        ) AS n
        UNION ALL (
            SELECT DISTINCT ON (e.id) e.* FROM unnest(%(contacts)s::uuid[]) AS c (id)
            CROSS JOIN LATERAL (
                SELECT e.id, e.contact_id, e.at, e.source, e.plugin, e.actor_id, e.details::text
                FROM crm_contacts.timeline_entry AS e
                WHERE e.contact_id = c.id AND e.id < %(after)s
                    AND e.source = ANY(%(sources)s::text[])
                ORDER BY e.id DESC LIMIT %(limit)s
            ) AS e
            ORDER BY e.id DESC, e.contact_id
        )
    ) AS e
    ORDER BY e.id DESC LIMIT %(limit)s
"""
#: Of whom is erased, nothing is kept; a contact that is deleted may come back.
_ADD = """
    INSERT INTO crm_contacts.timeline_entry
        (workspace_id, contact_id, id, at, source, plugin, actor_id, details)
    SELECT %(workspace)s::uuid, c.id, n.id, n.at, %(source)s, n.plugin, n.actor_id, n.details::json
    FROM unnest(%(contacts)s::uuid[], %(ids)s::uuid[], %(times)s::timestamptz[],
        %(plugins)s::text[], %(actors)s::uuid[], %(details)s::text[])
        AS n (contact_id, id, at, plugin, actor_id, details)
    JOIN crm_contacts.contact c ON c.id = n.contact_id AND c.erased_at IS NULL
    ON CONFLICT DO NOTHING
"""
_LAST = UUID(int=2**128 - 1)


def page(
    contact_ids: Sequence[UUID], titles: Mapping[str, str], after: UUID | None, limit: int
) -> list[TimelineEntry]:
    """Return what happened with contacts, newest first; events of sources that have titles."""
    values = {
        "contacts": list(contact_ids), "sources": list(titles), "after": after or _LAST,
        "limit": limit,
    }  # fmt: skip
    return [
        TimelineEntry(
            id=found,
            contact_id=contact_id,
            at=at,
            kind=kind,
            title=titles.get(kind, ""),
            plugin=plugin,
            actor_id=actor_id,
            details=msgspec.json.decode(details, type=tuple[tuple[str, str], ...]),
        )
        for found, contact_id, at, kind, plugin, actor_id, details in execute(_PAGE, values)
    ]


def add(source: str, happenings: Sequence[Happening]) -> None:
    """Keep events, each for all contacts that it is about."""
    rows = list(_rows(happenings))
    if not rows:
        return
    contacts, ids, times, plugins, actors, details = zip(*rows, strict=True)
    values = {
        "workspace": current_workspace(), "source": source, "contacts": list(contacts),
        "ids": list(ids), "times": list(times), "plugins": list(plugins), "actors": list(actors),
        "details": list(details),
    }  # fmt: skip
    execute(_ADD, values)


def erase(contact_ids: Sequence[UUID]) -> None:
    """Delete what is kept about contacts."""
    statement = "DELETE FROM crm_contacts.timeline_entry WHERE contact_id = ANY(%(ids)s::uuid[])"
    execute(statement, {"ids": list(contact_ids)})


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return what is kept about contacts: the id of each event, and JSON text."""
    rows = execute(
        "SELECT id, json_build_object('contact_id', contact_id, 'at', at, 'source', source,"
        " 'plugin', plugin, 'actor_id', actor_id, 'details', details)::text"
        " FROM crm_contacts.timeline_entry WHERE contact_id = ANY(%(ids)s::uuid[]) ORDER BY id",
        {"ids": list(contact_ids)},
    )
    return [(found, text) for found, text in rows]


def _rows(happenings: Sequence[Happening]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each event and contact, in the order of contacts: nobody waits crosswise."""
    pairs = sorted(
        ((contact_id, found) for found in happenings for contact_id in {*found.contact_ids}),
        key=lambda pair: (pair[0], pair[1].id),
    )
    for contact_id, found in pairs:
        details = msgspec.json.encode(found.details).decode()
        yield contact_id, found.id, found.at, found.plugin, found.actor_id, details
