"""How far cursors have come, without counting a single event."""

from __future__ import annotations

from dataclasses import dataclass

from meishi.events.operations.statements import rows

#: A cursor has passed the positions up to `reached`. What lies behind is counted by position, not
#: by event: positions that were rolled back, or whose types nobody asked for, are among them.
_PLACES = """
    WITH newest AS (SELECT last_pos FROM meishi_events.tick ORDER BY id DESC LIMIT 1)
    SELECT c.subscription, c.slot,
           CASE WHEN p.tick IS NULL THEN 0 ELSE greatest(newest.last_pos - p.reached, 0) END,
           CASE WHEN newest.last_pos <= p.reached THEN 0
                ELSE coalesce(greatest(extract(epoch FROM clock_timestamp() - waiting.at), 0), 0)
           END::double precision,
           coalesce(p.delivered, 0), coalesce(p.latency, '{}'), coalesce(p.latency_seconds, 0),
           coalesce(c.owner IS NOT NULL AND c.lease_until > clock_timestamp(), false)
    FROM meishi_events.cursor AS c
    CROSS JOIN newest
    LEFT JOIN LATERAL (
        SELECT n.tick, n.delivered, n.latency, n.latency_seconds,
               greatest(passed.last_pos, CASE WHEN n.upto > n.tick THEN n.pos ELSE 0 END) AS reached
        FROM (SELECT * FROM meishi_events.progress AS each
              WHERE each.subscription = c.subscription AND each.slot = c.slot
              ORDER BY each.seq DESC LIMIT 1) AS n
        LEFT JOIN LATERAL (SELECT t.last_pos FROM meishi_events.tick AS t
                           WHERE t.id <= n.tick ORDER BY t.id DESC LIMIT 1) AS passed ON true
    ) AS p ON true
    LEFT JOIN LATERAL (
        SELECT t.at FROM meishi_events.tick AS t WHERE t.last_pos > p.reached
        ORDER BY t.last_pos, t.id LIMIT 1
    ) AS waiting ON true
    ORDER BY c.subscription, c.slot
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorPlace:
    """Where one cursor stands.

    `lag_events` is an upper bound: positions between it and the newest tick. `lag_seconds` is the
    age of the oldest tick that shows something it has not passed. `latency` counts deliveries per
    bucket, `leased` says whether a worker has the cursor now.
    """

    subscription: str
    slot: int
    lag_events: int
    lag_seconds: float
    delivered: int
    latency: tuple[int, ...]
    latency_seconds: float
    leased: bool


def cursor_places() -> list[CursorPlace]:
    """Return where every cursor stands, by subscription and slot."""
    return [
        CursorPlace(
            subscription=subscription,
            slot=slot,
            lag_events=lag_events,
            lag_seconds=lag_seconds,
            delivered=delivered,
            latency=tuple(latency),
            latency_seconds=latency_seconds,
            leased=leased,
        )
        for (
            subscription,
            slot,
            lag_events,
            lag_seconds,
            delivered,
            latency,
            latency_seconds,
            leased,
        ) in rows(_PLACES)
    ]
