"""Partitions of the log, by position: made ahead, and dropped when nobody needs them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork


#: A partition is for about a day, and for so many events at least and at most.
SMALLEST, LARGEST = 10_000, 5_000_000

#: Positions left free before a partition that begins behind events which found none.
_MARGIN = 1_000

_BOUNDS = """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits
    JOIN pg_class AS c ON c.oid = inhrelid WHERE inhparent = 'meishi_events.event'::regclass
"""

_RATE = """
    SELECT (SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0)) AS last,
           (SELECT coalesce(max(last_pos), 0) FROM meishi_events.tick
            WHERE at < clock_timestamp() - interval '1 day')
"""

#: What has found no partition: there is none behind the last one.
_ASTRAY = "SELECT EXISTS (SELECT FROM meishi_events.event WHERE pos >= %(start)s)"

_RANGE = re.compile(r"FROM \('(\d+)'\) TO \('(\d+)'\)")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A part of the log: events from one position to before another."""

    start: int
    end: int
    name: str

    @property
    def middle(self) -> int:
        """The position at which it is half full."""
        return (self.start + self.end) // 2


def partitions(work: UnitOfWork) -> list[Partition]:
    """Return the partitions in their order, without the one for what finds no other."""
    found = []
    for name, bounds in work.execute(_BOUNDS):
        match = _RANGE.search(bounds)
        if match is not None:
            found.append(Partition(int(match[1]), int(match[2]), name))
    return sorted(found)


def add_partition(work: UnitOfWork) -> tuple[str | None, int]:
    """Make the next partition if the last is half full.

    Returns its name, if one was made, and the position from which on another one is wanted.
    What has found no partition stays where it is: the next one begins behind it.
    """
    last, a_day_ago = work.execute(_RATE)[0]
    known = partitions(work)
    if known and last < known[-1].middle:
        return None, known[-1].middle
    size = min(LARGEST, max(SMALLEST, last - a_day_ago))
    start = known[-1].end if known else 1
    if last >= start or work.execute(_ASTRAY, {"start": start})[0][0]:
        start = last + _MARGIN
    new = Partition(start, start + size, f"event_{start}")
    work.execute(
        "SELECT meishi_events.add_partition(%(start)s, %(end)s)",
        {"start": new.start, "end": new.end},
    )
    return new.name, new.middle
