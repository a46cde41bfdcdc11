"""Leases on cursors, by the database's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from meishi.context import Scope
from meishi.events.cursor import Attempt, Cursor, Gap, Replay, advance_statement
from meishi.events.latency import Latency
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position, Snapshot

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: Seconds after which a lease that nobody renewed is free.
LEASE = 15

#: A crash takes effects and position back together: nobody needs to wait for the disk.
UNHURRIED = "SET LOCAL synchronous_commit = off"

#: A lease that ends later than any could was given before the clock was set back.
_FREE = f"""
    (owner IS NULL OR lease_until < clock_timestamp()
     OR lease_until > clock_timestamp() + interval '{2 * LEASE} s')
"""

_CLAIM = f"""
    UPDATE meishi_events.cursor AS c
    SET owner = %(worker)s, fence = fence + 1,
        lease_until = clock_timestamp() + interval '{LEASE} s'
    FROM (SELECT subscription, slot FROM meishi_events.cursor
          WHERE subscription = ANY (%(names)s) AND {_FREE}
          ORDER BY random() LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS free
    WHERE c.subscription = free.subscription AND c.slot = free.slot
    RETURNING c.subscription, c.slot, c.fence, c.replay_pos, c.replay_shown::text, c.replay_left
"""  # noqa: S608 (constants)

_NEWEST = """
    SELECT p.seq, p.tick, p.upto, p.pos, p.attempt_pos, p.attempt_size, p.attempt_count,
           p.attempt_by, p.delivered, p.latency, p.latency_seconds, s.slots, s.barrier, s.state
    FROM meishi_events.progress AS p JOIN meishi_events.subscription AS s ON s.name = p.subscription
    WHERE p.subscription = %(subscription)s AND p.slot = %(slot)s ORDER BY p.seq DESC LIMIT 1
"""

#: An operator who decides about one subscription holds up no other: what is locked is passed over.
_OURS = """
    SELECT subscription, slot FROM meishi_events.cursor WHERE owner = %(worker)s
    ORDER BY subscription, slot FOR NO KEY UPDATE SKIP LOCKED
"""

#: What cannot be renewed now is still ours: the next time comes before the lease ends.
_RENEW = f"""
    WITH ours AS ({_OURS}), renewed AS (
        UPDATE meishi_events.cursor AS c
        SET lease_until = clock_timestamp() + interval '{LEASE} s'
        FROM ours WHERE c.subscription = ours.subscription AND c.slot = ours.slot
    )
    SELECT subscription, slot, fence FROM meishi_events.cursor WHERE owner = %(worker)s
"""  # noqa: S608 (constants)

_GIVE_BACK = f"""
    WITH ours AS ({_OURS})
    UPDATE meishi_events.cursor AS c SET owner = NULL, lease_until = NULL
    FROM ours WHERE c.subscription = ours.subscription AND c.slot = ours.slot
    AND (%(all)s OR (c.subscription, c.slot) IN (
        SELECT * FROM unnest(%(names)s::text[], %(slots)s::smallint[])))
"""  # noqa: S608 (constants)

_HELD_THREADS = """
    SELECT DISTINCT workspace::text, key FROM meishi_events.parked
    WHERE subscription = %(subscription)s AND slot = %(slot)s
"""

_UNREAD = """
    SELECT workspace::text FROM meishi_events.backfill
    WHERE subscription = %(subscription)s AND NOT done
"""

_GAPS = """
    SELECT workspace::text, state, tick, upto, pos FROM meishi_events.gap
    WHERE subscription = %(subscription)s AND slot = %(slot)s
"""

#: Who has lost the lease knows nothing of the positions that are there now.
_OLD = """
    DELETE FROM meishi_events.progress WHERE subscription = %(subscription)s AND slot = %(slot)s
    AND seq >= %(from)s AND seq < %(to)s
    AND EXISTS (SELECT FROM meishi_events.cursor AS c WHERE c.subscription = %(subscription)s
                AND c.slot = %(slot)s AND c.fence = %(fence)s)
"""

#: How many old positions are left lying before they are deleted in one go.
_KEPT = 500


class CursorLeases:
    """The leases of one process."""

    def __init__(self, scope: Callable[[str], AbstractContextManager[Scope]], worker: UUID) -> None:
        self._scope = scope
        self._worker = worker

    def claim(self, names: Sequence[str], most: int) -> list[Cursor]:
        """Lease up to `most` free cursors of these subscriptions, each with a new fence."""
        values = {"worker": self._worker, "names": list(names), "most": most}
        with self._scope(DB_SCHEMA) as scope:
            leased = scope.work.execute(_CLAIM, values)
            return [_loaded(scope.work, *lease) for lease in leased]

    def renew(self) -> set[tuple[str, int, int]]:
        """Renew all leases; return those that this process still has, with their fences."""
        with self._scope(DB_SCHEMA) as scope:
            return {
                (name, slot, fence)
                for name, slot, fence in scope.work.execute(_RENEW, {"worker": self._worker})
            }

    def give_back(self, places: Iterable[tuple[str, int]] | None = None) -> None:
        """Let others have these cursors at once; without any named, all of this process."""
        named = list(places or ())
        values = {
            "worker": self._worker,
            "all": places is None,
            "names": [name for name, _ in named],
            "slots": [slot for _, slot in named],
        }
        with self._scope(DB_SCHEMA) as scope:
            scope.work.execute(_GIVE_BACK, values)

    def store(self, cursor: Cursor, attempt: Attempt | None = None) -> None:
        """Append the position at which a cursor stands, with a note of what comes next."""
        with self._scope(DB_SCHEMA) as scope:
            scope.work.ending.at_commit(UNHURRIED)
            scope.work.ending.at_commit(advance_statement(cursor, cursor.position, attempt))
        cursor.seq += 1
        cursor.stored, cursor.attempt = cursor.position, attempt

    def prune(self, cursor: Cursor) -> None:
        """Delete positions that were left behind, if there are many."""
        if cursor.seq - cursor.pruned > _KEPT:
            values = cursor.values() | {"from": cursor.pruned, "to": cursor.seq}
            with self._scope(DB_SCHEMA) as scope:
                scope.work.execute(_OLD, values)
            cursor.pruned = cursor.seq


def _loaded(work: UnitOfWork, name: str, slot: int, fence: int, *replay: Any) -> Cursor:
    values = {"subscription": name, "slot": slot}
    (row,) = work.execute(_NEWEST, values)
    seq, tick, upto, pos, *noted, delivered, latency, seconds, slots, barrier, state = row
    return Cursor(
        subscription=name,
        slot=slot,
        slots=slots,
        fence=fence,
        seq=seq,
        position=Position(tick, upto, pos),
        attempt=None if noted[0] is None else Attempt(*noted),
        replay=_replay(*replay),
        barrier=barrier,
        backfilling=state == "backfilling",
        paused=state == "paused",
        delivered=delivered,
        latency=Latency(latency, seconds),
        held=set(work.execute(_HELD_THREADS, values)),
        unread={workspace for (workspace,) in work.execute(_UNREAD, values)},
        gaps={
            workspace: Gap(workspace, gap == "draining", Position(*position))
            for workspace, gap, *position in work.execute(_GAPS, values)
        },
    )


def _replay(pos: int, shown: str | None, left: Sequence[int]) -> Replay:
    return Replay(pos, None if shown is None else Snapshot(shown), frozenset(left))
