"""How far neighbours were followed: read and moved together with what was taken from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork
from meishi.events.across.pages import SentPage

#: The deployment that a service follows; a service is followed under its plugin's name.
MAIN = "main"

#: Days for which an event is known again: longer than any log is kept by default.
KNOWN_DAYS = 400

_PLACE = "SELECT cursor, at FROM meishi_remote.followed WHERE place = %(place)s"
_FORGET_CURSOR = """
    DELETE FROM meishi_remote.followed WHERE place = %(place)s AND cursor = %(cursor)s
    RETURNING place
"""
_BEGIN = """
    INSERT INTO meishi_remote.followed (place, cursor) VALUES (%(place)s, %(cursor)s)
    ON CONFLICT DO NOTHING RETURNING place
"""
_MOVE = """
    UPDATE meishi_remote.followed
    SET cursor = %(cursor)s, fault = NULL, at = clock_timestamp()
    WHERE place = %(place)s AND cursor = %(known)s RETURNING place
"""
_FAULT = """
    UPDATE meishi_remote.followed SET fault = %(fault)s
    WHERE place = %(place)s AND fault IS DISTINCT FROM %(fault)s RETURNING place
"""
_TAKE = """
    INSERT INTO meishi_remote.inbox (event_id) SELECT unnest(%(ids)s::uuid[])
    ON CONFLICT DO NOTHING RETURNING event_id
"""
_KNOWN = "SELECT 1 FROM meishi_remote.inbox WHERE event_id = %(id)s"
_FORGET = f"""
    WITH gone AS (
        DELETE FROM meishi_remote.inbox
        WHERE at < clock_timestamp() - interval '{KNOWN_DAYS} days' RETURNING 1
    )
    SELECT count(*) FROM gone
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a neighbour was followed: the cursor behind what was taken, and when that was."""

    cursor: str
    at: datetime


def place_of(work: UnitOfWork, place: str) -> Place | None:
    """Return how far a neighbour was followed, None before the first time."""
    rows = work.execute(_PLACE, {"place": place})
    return Place(*rows[0]) if rows else None


def cursor_of(work: UnitOfWork, place: str) -> str | None:
    """Return the cursor behind what was taken, None before the first time."""
    found = place_of(work, place)
    return None if found is None else found.cursor


def forget_cursor(work: UnitOfWork, place: str, cursor: str) -> bool:
    """Forget a cursor that leads nowhere; False if there is another one by now."""
    return bool(work.execute(_FORGET_CURSOR, {"place": place, "cursor": cursor}))


def take(work: UnitOfWork, place: str, known: str | None, page: SentPage) -> bool:
    """Put a page's events into the log with this commit, each once; False if others were first."""
    values = {"place": place, "known": known, "cursor": page.cursor}
    if not work.execute(_BEGIN if known is None else _MOVE, values):
        return False
    ids = [event.id for event in page.events]
    fresh = {row[0] for row in work.execute(_TAKE, {"ids": ids})} if ids else set()
    work.ending.add_to_log([event.record() for event in page.events if event.id in fresh])
    return True


def is_known(work: UnitOfWork, event_id: UUID) -> bool:
    """Return whether an event of a neighbour was taken before."""
    return bool(work.execute(_KNOWN, {"id": event_id}))


def note_fault(work: UnitOfWork, place: str, fault: str) -> bool:
    """Keep what an operator should know; return whether that is new."""
    return bool(work.execute(_FAULT, {"place": place, "fault": fault}))


def forget(work: UnitOfWork) -> int:
    """Delete what is known of old events; return of how many."""
    return int(work.execute(_FORGET)[0][0])
