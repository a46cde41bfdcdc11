"""Evidence of ties: what each source says about two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_graph.contract import Evidence
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Two people, the smaller id first.
Pair = tuple[UUID, UUID]
#: What a source says of a pair: its name, how many pieces, their weights and times.
Said = tuple[str, float, datetime | None]

_PUT = """
    WITH said AS (
        SELECT s.*, coalesce(a.stands_for, s.a) AS one, coalesce(b.stands_for, s.b) AS other
        FROM unnest(%(keys)s::text[], %(sources)s::uuid[], %(targets)s::uuid[],
            %(mutual)s::boolean[], %(times)s::timestamptz[], %(weights)s::double precision[])
            AS s(key, a, b, mutual, occurred_at, weight)
        LEFT JOIN crm_graph.alias a ON a.id = s.a
        LEFT JOIN crm_graph.alias b ON b.id = s.b
    ), noted AS (
        INSERT INTO crm_graph.moved_evidence
            (workspace_id, id, source, key, other, towards, weight, occurred_at)
        SELECT %(workspace)s, m.id, %(source)s, m.key, m.other, m.towards, m.weight, m.occurred_at
        FROM (
            SELECT a AS id, other, key, CASE WHEN mutual THEN 0 ELSE 1 END AS towards, weight,
                occurred_at FROM said WHERE a <> one
            UNION ALL
            SELECT b, one, key, CASE WHEN mutual THEN 0 ELSE -1 END, weight, occurred_at
            FROM said WHERE b <> other
        ) AS m
        ON CONFLICT DO NOTHING
    )
    INSERT INTO crm_graph.evidence
        (workspace_id, source, key, low, high, direction, weight, occurred_at)
    SELECT %(workspace)s, %(source)s, e.key, least(e.one, e.other), greatest(e.one, e.other),
        CASE WHEN e.mutual THEN 0 WHEN e.one < e.other THEN 1 ELSE -1 END,
        e.weight, CASE WHEN e.occurred_at > now() THEN now() ELSE e.occurred_at END
    FROM said AS e
    WHERE e.one <> e.other
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
_MOVE = """
    WITH moved AS (
        DELETE FROM crm_graph.evidence
        WHERE low = %(from)s OR high = %(from)s
        RETURNING *
    ), sides AS (
        SELECT *, CASE WHEN low = %(from)s THEN high ELSE low END AS other,
            CASE WHEN low = %(from)s THEN direction ELSE -direction END AS towards FROM moved
    ), noted AS (
        INSERT INTO crm_graph.moved_evidence
            (workspace_id, id, source, key, other, towards, weight, occurred_at)
        SELECT workspace_id, %(from)s, source, key, other, towards, weight, occurred_at FROM sides
        ON CONFLICT DO NOTHING
    )
    INSERT INTO crm_graph.evidence
        (workspace_id, source, key, low, high, direction, weight, occurred_at)
    SELECT workspace_id, source, key, least(other, %(to)s), greatest(other, %(to)s),
        CASE WHEN %(to)s < other THEN towards ELSE -towards END, weight, occurred_at
    FROM sides
    WHERE other <> %(to)s
    ON CONFLICT (workspace_id, source, key, low, high) DO NOTHING
    RETURNING low, high
"""
#: What was retracted since is not there, and does not come back; what had led from a contact to
#: itself was dropped, and does.
_GIVE_BACK = """
    WITH theirs AS (
        SELECT DISTINCT ON (m.source, m.key, coalesce(a.stands_for, m.other))
            m.*, coalesce(a.stands_for, m.other) AS present
        FROM crm_graph.moved_evidence m LEFT JOIN crm_graph.alias a ON a.id = m.other
        WHERE m.id = ANY(%(sources)s::uuid[])
        ORDER BY m.source, m.key, coalesce(a.stands_for, m.other), m.id
    ), taken AS (
        DELETE FROM crm_graph.evidence e USING theirs t
        WHERE e.source = t.source AND e.key = t.key AND e.low = least(%(target)s, t.present)
            AND e.high = greatest(%(target)s, t.present)
        RETURNING e.source, e.key, t.present, e.low, e.high
    ), returned AS (
        INSERT INTO crm_graph.evidence
            (workspace_id, source, key, low, high, direction, weight, occurred_at)
        SELECT t.workspace_id, t.source, t.key, least(%(owner)s, t.present),
            greatest(%(owner)s, t.present),
            CASE WHEN %(owner)s < t.present THEN t.towards ELSE -t.towards END,
            t.weight, t.occurred_at
        FROM theirs t
        WHERE t.present <> %(owner)s AND (
            EXISTS (SELECT FROM taken g
                WHERE (g.source, g.key, g.present) = (t.source, t.key, t.present))
            OR t.present = %(target)s AND NOT EXISTS (SELECT FROM crm_graph.evidence e
                WHERE e.source = t.source AND e.key = t.key))
        ON CONFLICT (workspace_id, source, key, low, high) DO NOTHING
        RETURNING low, high
    ), forgotten AS (
        DELETE FROM crm_graph.moved_evidence m USING theirs t
        WHERE m.source = t.source AND m.key = t.key AND m.id <> ALL(%(further)s::uuid[])
    )
    SELECT low, high, true FROM returned UNION ALL SELECT low, high, false FROM taken
"""
_STAND = """
    WITH itself AS (DELETE FROM crm_graph.alias WHERE id = %(owner)s)
    UPDATE crm_graph.alias SET stands_for = %(owner)s
    WHERE id = ANY(%(further)s::uuid[]) AND stands_for = %(target)s
"""
_FORGET_MOVED = """
    DELETE FROM crm_graph.moved_evidence
    WHERE id = ANY(%(ids)s::uuid[]) OR other = ANY(%(ids)s::uuid[])
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


def move(source_id: UUID, target_id: UUID) -> set[Pair]:
    """Let evidence about one be about another, now and when more comes in."""
    # Where merges are followed in another order, the target itself was merged already.
    target = stands_for(target_id)
    values: dict[str, object] = {"from": source_id, "to": target}
    execute(_ALIAS, values | {"workspace": current_workspace()})
    return _pairs(_MOVE, values)


def give_back(source_ids: Sequence[UUID], target_id: UUID) -> tuple[set[Pair], int]:
    """Let evidence that came from sources be about the first of them, and no more the target.

    Returns the pairs that changed, and how much evidence that was.
    """
    values: dict[str, object] = {
        "owner": source_ids[0],
        "sources": list(source_ids),
        "further": list(source_ids[1:]),
        "target": target_id,
    }
    execute(_STAND, values)
    rows = execute(_GIVE_BACK, values)
    return {(low, high) for low, high, _ in rows}, sum(returned for *_, returned in rows)


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
    execute(_FORGET_MOVED, {"ids": list(ids)})
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
