"""Ties: the sums of evidence of each pair, and the whole graph of a workspace at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from crm_graph.colleagues import MAX_COLLEAGUES
from crm_graph.repository.evidence import Pair
from crm_graph.snapshot import PackedGraph
from crm_graph.strength import HALF_LIFE, LANDMARK, MAX_HALF_LIVES
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: What a piece of evidence adds to what fades: `strength.scaled`.
_SCALED = f"""e.weight * power(2, greatest(-{MAX_HALF_LIVES}, least({MAX_HALF_LIVES},
    extract(epoch FROM e.occurred_at - timestamptz '{LANDMARK.isoformat()}')::double precision
    / {HALF_LIFE.total_seconds()})))"""


def _sum(direction: int, *, fades: bool) -> str:
    """Return the SQL of what goes one way; of what goes both, each way has half."""
    weight = _SCALED if fades else "e.weight"
    share = f"CASE e.direction WHEN 0 THEN 0.5 WHEN {direction} THEN 1.0 ELSE 0.0 END"
    kept = f"e.occurred_at IS {'NOT ' if fades else ''}NULL"
    return f"coalesce(sum({weight} * {share} ORDER BY e.source, e.key) FILTER (WHERE {kept}), 0)"


_SUMS = ("held_forward", "held_backward", "met_forward", "met_backward")
_REBUILD = f"""
    WITH touched AS (
        SELECT DISTINCT low, high FROM unnest(%(lows)s::uuid[], %(highs)s::uuid[]) AS t(low, high)
    ), fresh AS (
        SELECT t.low, t.high, {_sum(1, fades=False)} AS held_forward,
            {_sum(-1, fades=False)} AS held_backward, {_sum(1, fades=True)} AS met_forward,
            {_sum(-1, fades=True)} AS met_backward
        FROM touched t
        JOIN crm_graph.evidence e ON e.low = t.low AND e.high = t.high
        JOIN crm_graph.node l ON l.id = t.low
        JOIN crm_graph.node h ON h.id = t.high
        GROUP BY t.low, t.high
    ), gone AS (
        DELETE FROM crm_graph.tie k USING touched t
        WHERE k.low = t.low AND k.high = t.high AND NOT EXISTS
            (SELECT FROM fresh f WHERE f.low = t.low AND f.high = t.high)
        RETURNING k.low, k.high, k.held_forward + k.held_backward AS was_held,
            k.met_forward + k.met_backward AS was_met,
            NULL::double precision AS held, NULL::double precision AS met
    ), kept AS (
        INSERT INTO crm_graph.tie AS k (workspace_id, low, high, {", ".join(_SUMS)})
        SELECT %(workspace)s, low, high, {", ".join(_SUMS)} FROM fresh
        ON CONFLICT (workspace_id, low, high) DO UPDATE
            SET {", ".join(f"{name} = excluded.{name}" for name in _SUMS)}
            WHERE ({", ".join(f"k.{name}" for name in _SUMS)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _SUMS)})
        RETURNING k.low, k.high, old.held_forward + old.held_backward,
            old.met_forward + old.met_backward, new.held_forward + new.held_backward,
            new.met_forward + new.met_backward
    )
    SELECT * FROM gone UNION ALL SELECT * FROM kept
"""
_VERSION = "SELECT version, stamp FROM crm_graph.state"
_LOAD = f"""
    WITH organisations AS MATERIALIZED (
        SELECT organisation_key, count(*) AS members, row_number() OVER ()::integer AS number
        FROM crm_graph.node WHERE organisation_key IS NOT NULL
        GROUP BY organisation_key HAVING count(*) BETWEEN 2 AND {MAX_COLLEAGUES}
    ), counted AS MATERIALIZED (
        SELECT greatest(
            (SELECT count(*) FROM (SELECT FROM crm_graph.tie LIMIT %(most)s + 1) AS t),
            (SELECT coalesce(sum(members * (members - 1) / 2), 0) FROM organisations)
        ) AS ties
    ), people AS MATERIALIZED (
        SELECT n.id, (row_number() OVER (ORDER BY n.id) - 1)::integer AS place,
            coalesce(o.number, -1) AS organisation
        FROM crm_graph.node n LEFT JOIN organisations o USING (organisation_key)
        WHERE (SELECT ties FROM counted) <= %(most)s
    ), ordered AS (
        SELECT l.place AS low, h.place AS high, {", ".join(f"t.{name}" for name in _SUMS)}
        FROM crm_graph.tie t JOIN people l ON l.id = t.low JOIN people h ON h.id = t.high
        ORDER BY l.place, h.place
    )
    SELECT s.version, s.stamp, c.ties, p.*, o.*
    FROM crm_graph.state s, counted c,
        (SELECT string_agg(uuid_send(id), '' ORDER BY place),
            string_agg(int4send(organisation), '' ORDER BY place) FROM people) AS p,
        (SELECT string_agg(int4send(low), ''), string_agg(int4send(high), ''),
            {", ".join(f"string_agg(float8send({name}), '')" for name in _SUMS)}
         FROM ordered) AS o
"""


@dataclass(frozen=True, slots=True)
class TieChange:
    """A tie that came, went or changed: the sums `held` and `met` of both directions.

    What was not there `before` is new, and what is not there `after` is gone.
    """

    pair: Pair
    before: tuple[float, float] | None
    after: tuple[float, float] | None


def rebuild(pairs: Collection[Pair]) -> list[TieChange]:
    """Sum up the evidence of pairs; return which ties came, went or changed."""
    if not pairs:
        return []
    in_order: Sequence[Pair] = sorted(pairs)
    values = {
        "workspace": current_workspace(),
        "lows": [low for low, _ in in_order],
        "highs": [high for _, high in in_order],
    }
    return [
        TieChange(
            (low, high),
            None if was_held is None else (was_held, was_met),
            None if held is None else (held, met),
        )
        for low, high, was_held, was_met, held, met in execute(_REBUILD, values)
    ]


def version() -> tuple[int, UUID] | None:
    """Return version and stamp of the workspace's graph; None while there is none."""
    rows = execute(_VERSION)
    return (int(rows[0][0]), rows[0][1]) if rows else None


def load(most: int) -> PackedGraph | None:
    """Return the graph of the workspace as of one moment; None while there is none.

    Of one that has more than `most` stored ties, or of colleagues, only that it has more.
    """
    rows = execute(_LOAD, {"most": most})
    if not rows:
        return None
    version, stamp, ties, *packed = rows[0]
    return PackedGraph(version, stamp, int(ties), *(part or b"" for part in packed))
