"""Places in the log: snapshots, ticks, and how far something has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork


TICK = "id, epoch, snap::text, at, before_pos, low_pos, last_pos"
_SELECT = f"SELECT {TICK} FROM meishi_events.tick"  # noqa: S608 (constant)


@dataclass(frozen=True)
class Snapshot:
    """Which transactions had ended at a moment, in the words of `pg_snapshot`: `xmin:xmax:xip`.

    Ours name all that had begun: none from `xmax` on had drawn a position when the ticker looked.
    """

    text: str

    @cached_property
    def xmax(self) -> int:
        """The first transaction that had not begun."""
        return int(self.text.split(":")[1])

    @cached_property
    def running(self) -> frozenset[int]:
        """The transactions that had begun and not ended."""
        return frozenset(int(xid) for xid in self.text.split(":")[2].split(",") if xid)

    def shows(self, xid: int) -> bool:
        """Whether a transaction had ended."""
        return xid < self.xmax and xid not in self.running


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of the log: which events it shows, and between which positions those lie.

    An event that it does not show stands behind `low_pos`, and if its transaction had not even
    begun, behind `before_pos`; one that it shows stands at most at `last_pos`.
    """

    id: int
    epoch: int
    snapshot: Snapshot
    at: datetime
    before_pos: int
    low_pos: int
    last_pos: int


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far something has come: all up to `tick`, and of the span to `upto` all up to `pos`."""

    tick: int
    upto: int
    pos: int

    @classmethod
    def at(cls, tick: int) -> Position:
        """Return the position at a tick, with no span open."""
        return cls(tick, tick, 0)

    @property
    def closed(self) -> bool:
        """Whether no span is open."""
        return self.tick == self.upto


def newest_tick(work: UnitOfWork) -> Tick:
    """Return the newest tick; there always is one."""
    return _one(work, f"{_SELECT} ORDER BY id DESC LIMIT 1", {})


def tick_of(work: UnitOfWork, number: int) -> Tick:
    """Return a tick that somebody stands at, and which is therefore kept."""
    return _one(work, f"{_SELECT} WHERE id = %(id)s", {"id": number})


def tick_ahead(work: UnitOfWork, tick: Tick, positions: int) -> Tick | None:
    """Return the farthest tick that shows at most so many positions more, or else the next one."""
    last = tick.last_pos + positions
    far = f"{_SELECT} WHERE last_pos <= %(last)s ORDER BY last_pos DESC, id DESC LIMIT 1"
    rows = work.execute(far, {"last": last})
    if rows and (found := tick_from(rows[0])).id > tick.id and found.epoch == tick.epoch:
        return found
    rows = work.execute(f"{_SELECT} WHERE id > %(id)s ORDER BY id LIMIT 1", {"id": tick.id})
    return tick_from(rows[0]) if rows else None


def _one(work: UnitOfWork, query: str, values: dict[str, object]) -> Tick:
    return tick_from(work.execute(query, values)[0])


def tick_from(row: Sequence[Any]) -> Tick:
    """Return the tick of a row that holds the columns of `TICK`."""
    number, epoch, snapshot, *rest = row
    return Tick(number, epoch, Snapshot(snapshot), *rest)
