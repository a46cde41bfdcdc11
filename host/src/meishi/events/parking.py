"""Parking: events that failed, and those of their key that wait behind them."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from meishi.events import signals
from meishi.events.cursor import Cursor, LeaseLost
from meishi.events.spans import StoredEvent

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: The longest report of an error that is kept, in characters; of a longer one, the end.
LONGEST_REPORT = 20_000

#: What calls handlers.
_CALLER = signals.__file__

#: Rows that are looked at in one go.
MOST = 50

_HOLD = """
    SELECT FROM meishi_events.cursor
    WHERE subscription = %(subscription)s AND slot = %(slot)s AND fence = %(fence)s
    FOR NO KEY UPDATE
"""

_OF_ITS_THREAD = """
    p.subscription = %(subscription)s AND p.key = e.key
    AND p.workspace IS NOT DISTINCT FROM e.workspace_id
"""

#: Behind a parked event of its key, or behind the first of those that come with it.
_FOLLOWERS = f"""
    INSERT INTO meishi_events.parked
        (subscription, pos, slot, event_id, type, workspace, key, event, state, next_at)
    SELECT %(subscription)s, e.pos, %(slot)s, e.id, e.type, e.workspace_id, e.key, to_jsonb(e),
        CASE WHEN row_number() OVER (PARTITION BY e.workspace_id, e.key ORDER BY e.pos) > 1
                  OR EXISTS (SELECT FROM meishi_events.parked AS p WHERE {_OF_ITS_THREAD})
             THEN 'held' ELSE 'retry' END,
        clock_timestamp()
    FROM meishi_events.event AS e WHERE e.pos = ANY (%(positions)s)
"""  # noqa: S608 (constants)

_FAILED = """
    INSERT INTO meishi_events.parked
        (subscription, pos, slot, event_id, type, workspace, key, event, state, attempts,
         next_at, error, failed_at)
    SELECT %(subscription)s, e.pos, %(slot)s, e.id, e.type, e.workspace_id, e.key, to_jsonb(e),
        %(state)s, 1, clock_timestamp() + make_interval(secs => %(wait)s), %(error)s,
        clock_timestamp()
    FROM meishi_events.event AS e WHERE e.pos = %(pos)s
"""

_AGAIN = """
    UPDATE meishi_events.parked SET state = %(state)s, error = %(error)s,
        failed_at = clock_timestamp(),
        next_at = clock_timestamp() + make_interval(secs => %(wait)s)
    WHERE subscription = %(subscription)s AND pos = %(pos)s
"""

_STORED = """
    (event->>'pos')::bigint, event->>'id', event->>'source', event->>'type',
    (event->>'version')::integer, event->>'workspace_id', event->>'subject', event->>'key',
    (event->>'slot')::integer, (event->>'time')::timestamptz, (event->'trace')::text,
    (event->'data')::text, (event->>'xid')::bigint, event->'trace'->>'correlation'
"""

#: Those whose time has come, and those whose time was set before the clock was set back.
_DUE = f"""
    SELECT {_STORED} FROM meishi_events.parked AS p
    WHERE subscription = %(subscription)s AND slot = %(slot)s AND state = 'retry'
    AND (next_at <= clock_timestamp()
         OR next_at > clock_timestamp() + make_interval(secs => %(longest)s))
    AND NOT EXISTS (SELECT FROM meishi_events.gap AS g
                    WHERE g.subscription = p.subscription AND g.slot = p.slot
                    AND g.workspace = p.workspace AND g.state = 'open')
    ORDER BY next_at LIMIT {MOST}
"""  # noqa: S608 (constants)

#: Counted before the call: a call that ends the process has been an attempt too.
_BEGIN = """
    UPDATE meishi_events.parked SET attempts = attempts + 1,
        next_at = clock_timestamp() + make_interval(secs => %(wait)s)
    WHERE subscription = %(subscription)s AND pos = %(pos)s AND state = 'retry'
    RETURNING attempts
"""

_FORGET = """
    DELETE FROM meishi_events.parked
    WHERE subscription = %(subscription)s AND pos = %(pos)s AND state = 'retry' RETURNING pos
"""

#: The next event of a key becomes its head.
_PROMOTE = """
    UPDATE meishi_events.parked SET state = 'retry', attempts = 0, next_at = clock_timestamp()
    WHERE state = 'held' AND (subscription, pos) IN (
        SELECT subscription, pos FROM meishi_events.parked
        WHERE subscription = %(subscription)s AND key = %(key)s
        AND workspace IS NOT DISTINCT FROM %(workspace)s::uuid ORDER BY pos LIMIT 1)
"""


def hold_lease(work: UnitOfWork, cursor: Cursor) -> None:
    """Keep operators from changing what is parked until the transaction ends.

    :raises LeaseLost: if it is lost
    """
    if not work.execute(_HOLD, cursor.values()):
        raise LeaseLost(cursor.label)


def park_followers(work: UnitOfWork, cursor: Cursor, events: Sequence[StoredEvent]) -> None:
    """Put events behind the parked ones of their keys; the lease is held."""
    positions = [event.pos for event in events]
    work.execute(_FOLLOWERS, cursor.values() | {"positions": positions})


def park_failed(
    work: UnitOfWork, cursor: Cursor, event: StoredEvent, fate: tuple[str, float], error: str
) -> None:
    """Put an event aside that failed for the first time; `fate` is its state and its wait."""
    state, wait = fate
    hold_lease(work, cursor)
    values = {"pos": event.pos, "state": state, "wait": wait, "error": error}
    work.execute(_FAILED, cursor.values() | values)


def due(work: UnitOfWork, cursor: Cursor, longest: float) -> list[StoredEvent]:
    """Return parked events whose next attempt is due, at most `MOST`.

    None is more than `longest` seconds away, unless the clock was set back.
    """
    values = cursor.values() | {"longest": longest}
    return [StoredEvent(*row) for row in work.execute(_DUE, values)]


def begin_retry(work: UnitOfWork, cursor: Cursor, event: StoredEvent, wait: float) -> int | None:
    """Count an attempt of a parked event; return how many that makes, None if it is gone."""
    hold_lease(work, cursor)
    rows = work.execute(_BEGIN, cursor.values() | {"pos": event.pos, "wait": wait})
    return int(rows[0][0]) if rows else None


def note_failure(
    work: UnitOfWork, cursor: Cursor, pos: int, fate: tuple[str, float], error: str
) -> None:
    """Note that an attempt of a parked event failed, too."""
    state, wait = fate
    hold_lease(work, cursor)
    values = {"pos": pos, "state": state, "wait": wait, "error": error}
    work.execute(_AGAIN, cursor.values() | values)


def attempts_of(work: UnitOfWork, cursor: Cursor, pos: int) -> int | None:
    """Return how often a parked event was tried; None if it is not parked any more."""
    hold_lease(work, cursor)
    query = """
        SELECT attempts FROM meishi_events.parked
        WHERE subscription = %(subscription)s AND pos = %(pos)s
    """
    rows = work.execute(query, cursor.values() | {"pos": pos})
    return int(rows[0][0]) if rows else None


def forget_retried(work: UnitOfWork, cursor: Cursor, event: StoredEvent) -> None:
    """Take away a parked event that was delivered; the next of its key takes its place.

    :raises LeaseLost: if an operator has decided otherwise meanwhile: what was done is undone
    """
    if not work.execute(_FORGET, cursor.values() | {"pos": event.pos}):
        raise LeaseLost(f"{cursor.label}: event {event.id} was taken back")
    promote(work, cursor.subscription, event.key, event.workspace_id)


def promote(work: UnitOfWork, subscription: str, key: str, workspace: UUID | None) -> None:
    """Make the oldest event of a key its head, if there is one that was held."""
    values = {"subscription": subscription, "key": key, "workspace": workspace}
    work.execute(_PROMOTE, values)


def head(work: UnitOfWork, cursor: Cursor, event: StoredEvent) -> StoredEvent | None:
    """Return what is parked first of an event's key, to be tried at once; None if nothing is."""
    query = f"""
        SELECT {_STORED} FROM meishi_events.parked
        WHERE subscription = %(subscription)s AND key = %(key)s
        AND workspace IS NOT DISTINCT FROM %(workspace)s::uuid ORDER BY pos LIMIT 1
    """  # noqa: S608 (constants)
    values = cursor.values() | {"key": event.key, "workspace": event.workspace_id}
    rows = work.execute(query, values)
    return StoredEvent(*rows[0]) if rows else None


def report(error: BaseException, caller: str = _CALLER) -> str:
    """Return the traceback of an error as an operator reads it, the end of it if it is long.

    It begins where the plugin's code does: behind the file that calls it.
    """
    told = traceback.TracebackException.from_exception(error)
    outer = [number for number, frame in enumerate(told.stack) if frame.filename == caller]
    if outer:
        del told.stack[: outer[-1] + 1]
    text = "".join(told.format()).replace("\0", "\\0")
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= LONGEST_REPORT else f"…{text[-LONGEST_REPORT:]}"
