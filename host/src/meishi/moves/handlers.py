"""Handlers: they come to rest at one tick, and go on behind it on the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from meishi.events.positions import Position, Tick
from meishi.moves.refusals import MoveRefused

#: As soon as all stand at the barrier they stay there, until a worker of theirs spreads them anew:
#: that none does while the plugin is being moved.
_RENOUNCE = """
    UPDATE meishi_events.cursor AS c SET fence = fence + 1, owner = NULL, lease_until = NULL
    FROM meishi_events.subscription AS s WHERE s.name = c.subscription AND s.plugin = %(plugin)s
"""
_BARRIER = """
    UPDATE meishi_events.subscription
    SET barrier = (SELECT id FROM meishi_events.tick ORDER BY id DESC LIMIT 1)
    WHERE plugin = %(plugin)s
"""
_NO_BARRIER = "UPDATE meishi_events.subscription SET barrier = NULL WHERE plugin = %(plugin)s"

_UNFIT = """
    SELECT s.name,
        CASE WHEN s.state = 'paused' THEN 'it is paused; `meishi events resume` lets it go on'
             WHEN s.barrier IS NOT NULL THEN 'its keys are being spread anew'
             WHEN s.state = 'backfilling' OR EXISTS (
                SELECT FROM meishi_events.backfill AS b WHERE b.subscription = s.name AND NOT done)
             THEN 'it still reads what was there before it'
             ELSE 'it passes over workspaces where the plugin is off, or that an operator paused'
        END
    FROM meishi_events.subscription AS s
    WHERE s.plugin = %(plugin)s AND (
        s.state <> 'live' OR s.barrier IS NOT NULL
        OR EXISTS (SELECT FROM meishi_events.gap AS g WHERE g.subscription = s.name)
        OR EXISTS (SELECT FROM meishi_events.backfill AS b
                   WHERE b.subscription = s.name AND NOT b.done))
    ORDER BY s.name
"""

_AT_REST = """
    SELECT s.barrier, newest.tick, newest.upto
    FROM meishi_events.subscription AS s JOIN meishi_events.cursor AS c ON c.subscription = s.name,
    LATERAL (SELECT tick, upto FROM meishi_events.progress AS p
             WHERE p.subscription = c.subscription AND p.slot = c.slot
             ORDER BY seq DESC LIMIT 1) AS newest
    WHERE s.plugin = %(plugin)s
"""

_SUBSCRIPTIONS = """
    SELECT name, types, slots, created_at FROM meishi_events.subscription
    WHERE plugin = %(plugin)s ORDER BY name
"""
_PARKED = """
    SELECT p.subscription, p.pos, p.slot, p.event_id, p.type, p.workspace, p.key, p.event::text,
        p.state, p.attempts, p.next_at, p.error, p.parked_at, p.failed_at
    FROM meishi_events.parked AS p JOIN meishi_events.subscription AS s ON s.name = p.subscription
    WHERE s.plugin = %(plugin)s ORDER BY p.pos
"""
_BACKFILLED = """
    SELECT b.subscription, b.workspace FROM meishi_events.backfill AS b
    JOIN meishi_events.subscription AS s ON s.name = b.subscription WHERE s.plugin = %(plugin)s
"""

_FORGET = "DELETE FROM meishi_events.subscription WHERE plugin = %(plugin)s"

_ADD = """
    INSERT INTO meishi_events.subscription (name, plugin, types, slots, state, created_at)
    VALUES (%s, %s, %s, %s, 'live', %s)
"""
_ADD_CURSORS = """
    INSERT INTO meishi_events.cursor (subscription, slot)
    SELECT %s, slot FROM generate_series(0, %s::integer - 1) AS slot
"""
_ADD_PROGRESS = """
    INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)
    SELECT %s, slot, 1, %s, %s, %s FROM generate_series(0, %s::integer - 1) AS slot
"""
#: Before all that the log will ever hold, in the order that they have.
_ADD_PARKED = """
    INSERT INTO meishi_events.parked (subscription, pos, slot, event_id, type, workspace, key,
        event, state, attempts, next_at, error, parked_at, failed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s)
"""
_ADD_BACKFILLED = """
    INSERT INTO meishi_events.backfill (subscription, workspace, done) VALUES (%s, %s, true)
"""
_KEEP_TICK = """
    INSERT INTO meishi_events.tick (id, epoch, snap, at, before_pos, low_pos, last_pos)
    OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s::pg_snapshot, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class HeldHandlers:
    """What a side knows of the subscriptions of a plugin whose handlers are at rest."""

    subscriptions: list[tuple[Any, ...]]
    parked: list[tuple[Any, ...]]
    backfilled: list[tuple[Any, ...]]


def refuse_unfit(connection: Connection[Any], plugin: str) -> None:
    """Raise if a subscription is in no state in which it could go on elsewhere."""
    row = connection.execute(_UNFIT, {"plugin": plugin}).fetchone()
    if row is not None:
        raise MoveRefused(
            f"The subscription {row[0]} cannot be moved now: {row[1]}.",
            hint="`meishi events status` says more; try again once it is as all others.",
        )


def bring_to_rest(connection: Connection[Any], plugin: str) -> None:
    """Have handlers go on up to the newest tick, and no farther."""
    # In this order no cursor comes to stand behind the barrier.
    connection.execute(_RENOUNCE, {"plugin": plugin})
    connection.execute(_BARRIER, {"plugin": plugin})


def let_go(connection: Connection[Any], plugin: str) -> None:
    """Have handlers go on as before."""
    connection.execute(_RENOUNCE, {"plugin": plugin})
    connection.execute(_NO_BARRIER, {"plugin": plugin})


def rest_of(connection: Connection[Any], plugin: str) -> int | None:
    """Return the tick at which all handlers are at rest; None as long as one is not.

    Of a plugin that hears nothing it is 0.
    """
    rows = connection.execute(_AT_REST, {"plugin": plugin}).fetchall()
    ticks = {place for row in rows for place in row}
    if len(ticks) > 1 or None in ticks:
        return None
    return ticks.pop() if ticks else 0


def held_handlers(connection: Connection[Any], plugin: str) -> HeldHandlers:
    """Return what is to be known of handlers on the other side."""
    values = {"plugin": plugin}
    return HeldHandlers(
        subscriptions=connection.execute(_SUBSCRIPTIONS, values).fetchall(),
        parked=connection.execute(_PARKED, values).fetchall(),
        backfilled=connection.execute(_BACKFILLED, values).fetchall(),
    )


def forget_handlers(connection: Connection[Any], plugin: str) -> None:
    """Forget all of a plugin's subscriptions."""
    connection.execute(_FORGET, {"plugin": plugin})


def add_handlers(
    connection: Connection[Any], plugin: str, held: HeldHandlers, at: Position
) -> None:
    """Have handlers go on from a position of the log here, with what is parked before it."""
    forget_handlers(connection, plugin)
    for name, types, slots, created_at in held.subscriptions:
        connection.execute(_ADD, (name, plugin, types, slots, created_at))
        connection.execute(_ADD_CURSORS, (name, slots))
        connection.execute(_ADD_PROGRESS, (name, at.tick, at.upto, at.pos, slots))
    behind = max((row[1] for row in held.parked), default=0) + 1
    with connection.cursor() as cursor:
        cursor.executemany(
            _ADD_PARKED, [(name, pos - behind, *rest) for name, pos, *rest in held.parked]
        )
        cursor.executemany(_ADD_BACKFILLED, held.backfilled)


def keep_tick(connection: Connection[Any], tick: Tick) -> None:
    """Store a tick again that was thinned out, so that cursors can stand there."""
    places = tick.before_pos, tick.low_pos, tick.last_pos
    connection.execute(_KEEP_TICK, (tick.id, tick.epoch, tick.snapshot.text, tick.at, *places))
