"""Reading the feed: from a place on, in bounded steps, what the ticks show of one workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meishi.events.feed.errors import CursorExpired
from meishi.events.feed.places import FeedPlace
from meishi.events.partitions import partitions
from meishi.events.positions import Snapshot, Tick, newest_tick, tick_ahead
from meishi.events.spans import WINDOW, StoredEvent, Wanted, span_between

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: The most windows of one read: between events of a quiet workspace lie those of busy ones.
WINDOWS = 20

_SEEN = "SELECT epoch, snap::text FROM meishi_events.tick WHERE id = %(id)s"

#: Of the oldest partition's predecessors nothing is left but what had found no partition.
_ASTRAY = "SELECT pos FROM meishi_events.event WHERE pos < %(start)s ORDER BY pos LIMIT 1"

_EPOCH = "SELECT epoch, at FROM meishi_events.tick ORDER BY id LIMIT 1"

#: Shows nothing: no transaction is older than the first that there can be.
_NOTHING = Snapshot("3:3:")

_REMEDY = (
    "Read the resources themselves, then go on with `from=oldest`, or with `from=now` and no past."
)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events of the feed, and the place behind them; `more` says that not all was looked at.

    `newest` is the number of the tick up to which there was something to look at.
    """

    events: tuple[StoredEvent, ...]
    place: FeedPlace
    newest: int
    more: bool


def newest_place(work: UnitOfWork) -> FeedPlace:
    """Return the place behind all that a tick shows by now."""
    return FeedPlace(newest_tick(work))


def oldest_place(work: UnitOfWork) -> FeedPlace:
    """Return the place before all that the log holds."""
    (epoch, at), before = work.execute(_EPOCH)[0], _kept_from(work) - 1
    return FeedPlace(Tick(0, epoch, _NOTHING, at, before, before, before))


def read_feed(work: UnitOfWork, place: FeedPlace, wanted: Wanted) -> FeedPage:
    """Return the next events behind a place; raise `CursorExpired` if some may be gone."""
    newest = newest_tick(work)
    _require_kept(work, place, newest)
    limit = wanted.most or 0
    events: list[StoredEvent] = []
    for _ in range(WINDOWS):
        last = place.last or tick_ahead(work, place.first, WINDOW)
        if last is None or len(events) >= limit:
            break
        rest = replace(wanted, most=limit - len(events))
        span = span_between(work, place.first, last, place.pos, rest)
        events += span.events
        closed = span.end.closed
        place = FeedPlace(last) if closed else FeedPlace(place.first, last, span.end.pos)
    more = place.last is not None or place.first.id < newest.id
    return FeedPage(tuple(events), place, newest.id, more)


def _require_kept(work: UnitOfWork, place: FeedPlace, newest: Tick) -> None:
    """Raise unless the log still holds what lies behind a place, and has been there."""
    seen = place.first
    if _same(seen, newest.epoch, newest.snapshot):
        return
    rows = work.execute(_SEEN, {"id": seen.id})
    if seen.id >= newest.id or not all(_same(seen, epoch, Snapshot(snap)) for epoch, snap in rows):
        raise CursorExpired(
            f"The log was put back to an earlier state than this cursor knows. {_REMEDY}"
        )
    if place.needed < _kept_from(work) - 1:
        raise CursorExpired(f"What came behind this cursor is not kept any more. {_REMEDY}")


def _same(tick: Tick, epoch: int, snapshot: Snapshot) -> bool:
    mine = tick.snapshot
    return (tick.epoch, mine.xmax, mine.running) == (epoch, snapshot.xmax, snapshot.running)


def _kept_from(work: UnitOfWork) -> int:
    """Return the position from which on nothing was dropped."""
    known = partitions(work)
    if not known:
        return 1
    astray = work.execute(_ASTRAY, {"start": known[0].start})
    return int(astray[0][0]) if astray else known[0].start
