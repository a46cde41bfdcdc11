"""Evidence of ties: what each source says about two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_graph.contract import Evidence
from crm_graph.organisations import MAX_COLLEAGUES
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Two people, the smaller id first.
Pair = tuple[UUID, UUID]
#: What a source says of a pair: its name, how many pieces, their weights and times.
Said = tuple[str, float, datetime | None]

ORGANISATION = "organisation"

_PUT = """
    INSERT INTO crm_graph.evidence
        (workspace_id, source, key, low, high, direction, weight, occurred_at)
    SELECT %(workspace)s, %(source)s, e.key, least(e.a, e.b), greatest(e.a, e.b),
        CASE WHEN e.mutual THEN 0 WHEN e.a < e.b THEN 1 ELSE -1 END,
        e.weight, CASE WHEN e.occurred_at > now() THEN now() ELSE e.occurred_at END
    FROM (
        SELECT s.key, coalesce(a.stands_for, s.a) AS a, coalesce(b.stands_for, s.b) AS b,
            s.mutual, s.occurred_at, s.weight
        FROM unnest(%(keys)s::text[], %(sources)s::uuid[], %(targets)s::uuid[],
            %(mutual)s::boolean[], %(times)s::timestamptz[], %(weights)s::double precision[])
            AS s(key, a, b, mutual, occurred_at, weight)
        LEFT JOIN crm_graph.alias a ON a.id = s.a
        LEFT JOIN crm_graph.alias b ON b.id = s.b
    ) AS e
    WHERE e.a <> e.b
    RETURNING low, high
"""
_REMOVE = """
    DELETE FROM crm_graph.evidence WHERE source = %(source)s AND key = ANY(%(keys)s::text[])
    RETURNING low, high
"""
_ABOUT = """
    SELECT low, high FROM crm_graph.evidence WHERE low = ANY(%(ids)s::uuid[])
    UNION SELECT low, high FROM crm_graph.evidence WHERE high = ANY(%(ids)s::uuid[])
"""
_FORGET = """
    DELETE FROM crm_graph.evidence
    WHERE low = ANY(%(ids)s::uuid[]) OR high = ANY(%(ids)s::uuid[]) RETURNING low, high
"""
_COLLEAGUES = f"""
    INSERT INTO crm_graph.evidence (workspace_id, source, key, low, high, direction, weight)
    SELECT %(workspace)s, '{ORGANISATION}', o.organisation_key, l.id, h.id, 0,
        power(o.members - 1, -0.5)
    FROM (
        SELECT organisation_key, count(*)::double precision AS members FROM crm_graph.node
        WHERE organisation_key = ANY(%(keys)s::text[]) GROUP BY organisation_key
        HAVING count(*) BETWEEN 2 AND {MAX_COLLEAGUES}
    ) AS o
    JOIN crm_graph.node l ON l.organisation_key = o.organisation_key
    JOIN crm_graph.node h ON h.organisation_key = o.organisation_key AND l.id < h.id
    RETURNING low, high
"""
_MOVE = """
    WITH moved AS (
        DELETE FROM crm_graph.evidence
        WHERE source <> %(organisation)s AND (low = %(from)s OR high = %(from)s)
        RETURNING *
    )
    INSERT INTO crm_graph.evidence
        (workspace_id, source, key, low, high, direction, weight, occurred_at)
    SELECT workspace_id, source, key, least(other, %(to)s), greatest(other, %(to)s),
        CASE WHEN other < %(to)s THEN towards ELSE -towards END, weight, occurred_at
    FROM (
        SELECT *, CASE WHEN low = %(from)s THEN high ELSE low END AS other,
            CASE WHEN low = %(from)s THEN -direction ELSE direction END AS towards FROM moved
    ) AS m
    WHERE other <> %(to)s
    ON CONFLICT (workspace_id, source, key, low, high) DO NOTHING
    RETURNING low, high
"""
_ALIAS = """
    WITH followed AS (
        UPDATE crm_graph.alias SET stands_for = %(to)s WHERE stands_for = %(from)s
    )
    INSERT INTO crm_graph.alias (workspace_id, id, stands_for)
    VALUES (%(workspace)s, %(from)s, %(to)s)
    ON CONFLICT (workspace_id, id) DO UPDATE SET stands_for = excluded.stands_for
"""
_STANDS_FOR = "SELECT stands_for FROM crm_graph.alias WHERE id = %(id)s"
_ALIVE = "DELETE FROM crm_graph.alias WHERE id = ANY(%(ids)s::uuid[])"
_UNALIAS = """
    DELETE FROM crm_graph.alias
    WHERE id = ANY(%(ids)s::uuid[]) OR stands_for = ANY(%(ids)s::uuid[])
"""
_ALIASES = "SELECT id FROM crm_graph.alias WHERE stands_for = ANY(%(ids)s::uuid[])"
_OF = """
    SELECT source, weight, occurred_at FROM crm_graph.evidence
    WHERE low = %(low)s AND high = %(high)s ORDER BY source, key
"""


def put(source: str, items: Sequence[tuple[Evidence, float]]) -> set[Pair]:
    """Store evidence and its weight, in the place of what it replaces; return the pairs."""
    weighed = {item.key: (item, weight) for item, weight in items}
    latest = [item for item, _ in weighed.values()]
    touched = remove(source, [*weighed])
    values = {
        "workspace": current_workspace(),
        "source": source,
        "keys": [*weighed],
        "sources": [item.source_id for item in latest],
        "targets": [item.target_id for item in latest],
        "mutual": [item.mutual for item in latest],
        "times": [item.occurred_at for item in latest],
        "weights": [weight for _, weight in weighed.values()],
    }
    return touched | _pairs(_PUT, values)


def remove(source: str, keys: Sequence[str]) -> set[Pair]:
    """Forget evidence of a source; return the pairs that it was about."""
    return _pairs(_REMOVE, {"source": source, "keys": list(keys)})


def about(ids: Sequence[UUID]) -> set[Pair]:
    """Return the pairs that evidence about these people ties."""
    return _pairs(_ABOUT, {"ids": list(ids)})


def colleagues(keys: Sequence[str]) -> set[Pair]:
    """Tie the people of organisations as they are now; return the pairs that were or are tied."""
    gone = remove(ORGANISATION, keys)
    return gone | _pairs(_COLLEAGUES, {"workspace": current_workspace(), "keys": list(keys)})


def move(source_id: UUID, target_id: UUID) -> set[Pair]:
    """Let evidence about one be about another, now and when more comes in.

    What organisations say follows from the people that there are.
    """
    # Where merges are followed in another order, the target itself was merged already.
    target = stands_for(target_id)
    values = {"from": source_id, "to": target, "organisation": ORGANISATION}
    execute(_ALIAS, values | {"workspace": current_workspace()})
    return _pairs(_MOVE, values)


def stands_for(contact_id: UUID) -> UUID:
    """Return the contact that one was merged into, or itself if it was not."""
    resolved = [found for (found,) in execute(_STANDS_FOR, {"id": contact_id})]
    return resolved[0] if resolved else contact_id


def stand_for_themselves(ids: Sequence[UUID]) -> None:
    """Let contacts that are there be nobody else, even if they were merged once."""
    execute(_ALIVE, {"ids": list(ids)})


def forget(ids: Sequence[UUID]) -> set[Pair]:
    """Leave no evidence about people; return the pairs that there were."""
    execute(_UNALIAS, {"ids": list(ids)})
    return _pairs(_FORGET, {"ids": list(ids)})


def aliases(ids: Sequence[UUID]) -> list[UUID]:
    """Return the contacts that were merged into these."""
    return [found for (found,) in execute(_ALIASES, {"ids": list(ids)})]


def of(pair: Pair) -> list[Said]:
    """Return what all sources say of a pair: source, weight and time of each piece."""
    rows = execute(_OF, {"low": pair[0], "high": pair[1]})
    return [(source, weight, occurred_at) for source, weight, occurred_at in rows]


def _pairs(statement: str, values: dict[str, object]) -> set[Pair]:
    return {(low, high) for low, high in execute(statement, values)}
