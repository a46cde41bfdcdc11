"""A turn: a leased cursor at work."""

from __future__ import annotations

from dataclasses import dataclass, field

from meishi.events.blame import Suspicion
from meishi.events.cursor import Cursor
from meishi.events.lanes import GapLane, Lane
from meishi.events.subscriptions import Subscriber

#: With how many events a cursor begins; quick handlers get more, slow ones fewer.
FIRST_SIZE = 16
MOST = 500


@dataclass(slots=True)
class Turn:
    """A cursor at work: its lanes, how many events it is given at a time, and its suspicion.

    `noted` is the lane of which the next events are written down as an attempt already. A `wary`
    turn follows a process that died nobody knows why: what is tried again is tried alone. From
    `look_at` on it is time to look whether a workspace can be backfilled that could not be before.
    """

    cursor: Cursor
    subscriber: Subscriber
    lane: Lane = field(init=False)
    gaps: list[GapLane] = field(init=False)
    noted: Lane | None = None
    suspicion: Suspicion | None = None
    size: int = FIRST_SIZE
    due: bool = True
    wary: bool = False
    look_at: float = 0.0

    def __post_init__(self) -> None:
        types = self.subscriber.types
        self.lane = Lane(self.cursor, types)
        self.gaps = [
            GapLane(self.cursor, types, gap) for gap in self.cursor.gaps.values() if gap.draining
        ]

    @property
    def most(self) -> int:
        """The largest number of events that one transaction may deliver."""
        return max(MOST, self.subscriber.declared.batch)
