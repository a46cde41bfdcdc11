"""Retention: how long events and ticks are kept, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meishi.events.partitions import Partition, partitions
from meishi.events.subscriptions import renounce

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: Where somebody stands: cursors at their newest positions, and workspaces that are paused.
_PLACES = """
    SELECT c.subscription, c.slot, newest.tick, newest.upto, newest.pos, true AS moves
    FROM meishi_events.cursor AS c,
    LATERAL (SELECT tick, upto, pos FROM meishi_events.progress AS p
             WHERE p.subscription = c.subscription AND p.slot = c.slot
             ORDER BY seq DESC LIMIT 1) AS newest
    UNION ALL SELECT subscription, slot, tick, upto, pos, state = 'draining'
    FROM meishi_events.gap
"""

#: Of each place, the position behind which all lies that is still to be delivered.
_NEEDED = f"""
    SELECT place.subscription, coalesce(min(t.low_pos), 0) FROM ({_PLACES}) AS place
    LEFT JOIN meishi_events.tick AS t ON t.id = place.tick GROUP BY place.subscription
"""  # noqa: S608 (constants)

#: Whether all that is before a position was there that many days ago.
_OLDER = """
    SELECT EXISTS (SELECT FROM meishi_events.tick WHERE last_pos >= %(end)s - 1
                   AND at < clock_timestamp() - make_interval(days => %(days)s))
"""

#: A workspace's gap is moved on like its cursor: what it missed is gone.
_MOVE = """
    INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos, delivered,
                                        latency, latency_seconds)
    SELECT c.subscription, c.slot, newest.seq + 1, %(tick)s, %(tick)s, 0, newest.delivered,
           newest.latency, newest.latency_seconds
    FROM meishi_events.cursor AS c,
    LATERAL (SELECT * FROM meishi_events.progress AS p
             WHERE p.subscription = c.subscription AND p.slot = c.slot
             ORDER BY seq DESC LIMIT 1) AS newest
    WHERE c.subscription = %(name)s AND newest.tick < %(tick)s
"""

_GAPS = """
    UPDATE meishi_events.gap SET tick = %(tick)s, upto = %(tick)s, pos = 0
    WHERE subscription = %(name)s AND tick < %(tick)s
"""

_DECIDED = """
    INSERT INTO meishi_events.decision (id, subscription, action, reason, decided_by)
    VALUES (gen_random_uuid(), %(name)s, 'expire', %(reason)s, 'retention')
"""

#: What it shows was dropped; behind it begins what is still there.
_LAST_BEFORE = """
    SELECT coalesce(max(id), 0) FROM meishi_events.tick WHERE last_pos < %(end)s
"""

#: All cursors of a subscription that waits for another number of slots must meet at its barrier.
_BARRIER = """
    UPDATE meishi_events.subscription SET barrier = greatest(barrier, %(tick)s)
    WHERE name = %(name)s AND barrier IS NOT NULL
"""

#: Whoever comes to stand at a tick locks a cursor first.
_STAND_STILL = "SELECT FROM meishi_events.cursor ORDER BY subscription, slot FOR NO KEY UPDATE"

#: From before these ticks on, not everything is there any more: nobody may be sent back to them.
_FORGET = f"""
    DELETE FROM meishi_events.tick AS t WHERE t.low_pos < %(end)s - 1
    AND t.id <> (SELECT max(id) FROM meishi_events.tick)
    AND t.id NOT IN (SELECT tick FROM ({_PLACES}) AS place
                     UNION SELECT upto FROM ({_PLACES}) AS place)
    AND t.id NOT IN (SELECT barrier FROM meishi_events.subscription WHERE barrier IS NOT NULL)
"""  # noqa: S608 (constants)

#: Ticks that nobody can come to any more lose their neighbours: one a minute, then one in ten.
#: A workspace that is paused stays where it is; it is told to move by who takes the leases away.
_THIN = f"""
    DELETE FROM meishi_events.tick AS t
    WHERE t.at < clock_timestamp() - interval '1 hour'
    AND t.id < coalesce((SELECT min(place.tick) FROM ({_PLACES}) AS place
                         JOIN meishi_events.cursor AS c USING (subscription, slot)
                         WHERE c.owner IS NOT NULL AND place.moves), t.id + 1)
    AND t.id NOT IN (SELECT tick FROM ({_PLACES}) AS place
                     UNION SELECT upto FROM ({_PLACES}) AS place)
    AND t.id NOT IN (SELECT barrier FROM meishi_events.subscription WHERE barrier IS NOT NULL)
    AND t.id NOT IN (SELECT max(id) FROM meishi_events.tick
                     WHERE at < clock_timestamp() - interval '1 hour' GROUP BY epoch,
                     date_bin(CASE WHEN at < clock_timestamp() - interval '1 day'
                                   THEN interval '10 minutes' ELSE interval '1 minute' END,
                              at, timestamptz '2000-01-01'))
    AND t.id NOT IN (SELECT min(id) FROM meishi_events.tick GROUP BY epoch)
"""  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A partition that was dropped, and the subscriptions that had not seen all of it."""

    name: str
    missed: tuple[str, ...]


def drop_partition(work: UnitOfWork, *, days: int, cap_days: int) -> Dropped | None:
    """Drop the oldest partition if it is old enough and read by all, or older than the cap.

    A subscription that has not read it by then goes on behind it, and a decision says so.
    """
    known = partitions(work)
    last = work.execute("SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0)")
    if not known or known[0].end > last[0][0] or not _is_older(work, known[0], days):
        return None
    oldest = known[0]
    needed: dict[str, int] = dict(work.execute(_NEEDED))
    missed = tuple(sorted(name for name, low in needed.items() if low < oldest.end - 1))
    if missed and not _is_older(work, oldest, cap_days):
        return None
    for name in missed:
        _move_on(work, name, oldest, cap_days)
    work.execute(
        "SELECT meishi_events.drop_partition(%(name)s, %(end)s)",
        {"name": oldest.name, "end": oldest.end},
    )
    work.execute(_FORGET, {"end": oldest.end})
    return Dropped(oldest.name, missed)


def thin_out(work: UnitOfWork) -> None:
    """Delete most of the old ticks; those at which somebody stands, or may come to, stay."""
    work.execute(_STAND_STILL)
    work.execute(_THIN)


def _is_older(work: UnitOfWork, partition: Partition, days: int) -> bool:
    return bool(work.execute(_OLDER, {"end": partition.end, "days": days})[0][0])


def _move_on(work: UnitOfWork, name: str, partition: Partition, days: int) -> None:
    (tick,) = work.execute(_LAST_BEFORE, {"end": partition.end})[0]
    reason = (
        f"Events before position {partition.end} are older than {days} days and were dropped "
        "before they were delivered."
    )
    values = {"name": name, "tick": tick, "reason": reason}
    renounce(work, name)
    for statement in (_MOVE, _GAPS, _BARRIER, _DECIDED):
        work.execute(statement, values)
