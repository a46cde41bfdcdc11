"""The ticker: it stores moments of the log, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from meishi.context import Scope
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import TICK, Tick, newest_tick, tick_from

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: The channel on which a tick wakes workers.
CHANNEL = "meishi_tick"

#: Key of the advisory lock under which one tick at a time is stored.
LOCK = 0x6D6574

#: Without statistics the planner may take scanning the log for the way to a first row.
#: The commit waits for the disk: a crash must not take back what workers follow already, and give
#: its number to another tick. All that a tick shows is on disk with it.
_ALONE = f"""
    SELECT pg_try_advisory_xact_lock({LOCK}),
           set_config('enable_seqscan', 'off', true),
           set_config('plan_cache_mode', 'force_custom_plan', true)
"""

_SEQUENCE = "coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0)"

_NEW = """
    EXISTS (SELECT FROM meishi_events.event
            WHERE pos > %(known)s AND xid >= %(xmax)s::text::xid8
            AND xid < pg_snapshot_xmax(pg_current_snapshot())
            AND pg_visible_in_snapshot(xid, pg_current_snapshot()))
    OR EXISTS (SELECT FROM meishi_events.event WHERE pos > %(low)s
               AND xid = ANY (%(running)s::text[]::xid8[])
               AND pg_visible_in_snapshot(xid, pg_current_snapshot()))
"""

#: The snapshot in other words. `pg_snapshot` ends behind the last transaction that was over: one
#: that it does not name may have begun long before. Ours ends at the ticker's own, begun just now,
#: and names all before it that were not over.
_SNAPSHOT = """
    (SELECT format('%%s:%%s:%%s', pg_snapshot_xmin(seen), own, (
         SELECT string_agg(xid::text, ',' ORDER BY xid) FROM (
             SELECT known::text::bigint AS xid FROM pg_snapshot_xip(seen) AS known
             UNION ALL SELECT generate_series(pg_snapshot_xmax(seen)::text::bigint,
                                              own::text::bigint - 1)) AS running))::pg_snapshot
     FROM (SELECT pg_current_snapshot() AS seen, pg_current_xact_id() AS own OFFSET 0) AS now)
"""

#: What begins behind a tick's snapshot draws positions behind the one that was read before it.
_STORE = f"""
    INSERT INTO meishi_events.tick (epoch, snap, before_pos, low_pos, last_pos)
    SELECT %(epoch)s, {_SNAPSHOT}, %(before)s,
           CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) >= %(xmax)s::text::xid8
                THEN previous.before_pos ELSE previous.low_pos END,
           {_SEQUENCE}
    FROM meishi_events.tick AS previous WHERE previous.id = %(id)s AND ({_NEW})
    RETURNING {TICK}, pg_notify('{CHANNEL}', id::text)
"""  # noqa: S608 (constants)


class Ticker:
    """Stores a tick where there are events that the newest does not show."""

    def __init__(self, scope: Callable[[str], AbstractContextManager[Scope]]) -> None:
        self._scope = scope

    def tick(self) -> Tick | None:
        """Store a tick, and wake the workers once; None if nothing is new, or another ticks."""
        with self._scope(DB_SCHEMA) as scope:
            work = scope.work
            if not work.execute(_ALONE)[0][0]:
                return None
            previous = newest_tick(work)
            before = work.execute(f"SELECT {_SEQUENCE}")[0][0]
            rows = work.execute(_STORE, _values(previous, before))
            if not rows:
                return None
            return tick_from(rows[0][:-1])

    def begin_epoch(self) -> bool:
        """Begin an epoch if the database came from another cluster; return whether it did."""
        with self._scope(DB_SCHEMA) as scope:
            return _is_elsewhere(scope.work) and bool(
                scope.work.execute("SELECT meishi_events.begin_epoch()")[0][0]
            )


def _values(previous: Tick, before: int) -> dict[str, object]:
    return {
        "id": previous.id,
        "epoch": previous.epoch,
        "before": before,
        "known": previous.before_pos,
        "low": previous.low_pos,
        "xmax": str(previous.snapshot.xmax),
        "running": [str(xid) for xid in previous.snapshot.running],
    }


def _is_elsewhere(work: UnitOfWork) -> bool:
    query = """
        SELECT system_identifier <> (SELECT system_identifier::text FROM pg_control_system())
        FROM meishi_events.epoch ORDER BY id DESC LIMIT 1
    """
    return bool(work.execute(query)[0][0])
