"""Places in the feed, which their readers carry with them: nothing is kept for any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import msgspec

from meishi.events.feed.errors import InvalidCursor
from meishi.events.positions import Snapshot, Tick


class _WrittenTick(msgspec.Struct, array_like=True, frozen=True):
    """A tick in few octets: running transactions are counted back from the first of the future."""

    id: int
    epoch: int
    xmax: int
    running: tuple[int, ...]
    at: float
    before_pos: int
    low_pos: int
    last_pos: int

    @classmethod
    def of(cls, tick: Tick) -> Self:
        """Return what is written of a tick."""
        xmax = tick.snapshot.xmax
        back = tuple(sorted(xmax - xid for xid in tick.snapshot.running))
        places = tick.before_pos, tick.low_pos, tick.last_pos
        return cls(tick.id, tick.epoch, xmax, back, tick.at.timestamp(), *places)

    def tick(self) -> Tick:
        """Return the tick."""
        running = sorted(self.xmax - back for back in self.running)
        oldest = running[0] if running else self.xmax
        snapshot = Snapshot(f"{oldest}:{self.xmax}:{','.join(map(str, running))}")
        at = datetime.fromtimestamp(self.at, UTC)
        places = self.before_pos, self.low_pos, self.last_pos
        return Tick(self.id, self.epoch, snapshot, at, *places)


class _WrittenPlace(msgspec.Struct, array_like=True, frozen=True):
    """A place as it is written down."""

    first: _WrittenTick
    last: _WrittenTick | None
    pos: int


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """How far a reader has come: all up to `first`, and of the span to `last` all up to `pos`.

    It is a `Position` that brings its ticks along, as those that nobody stands at are thinned out.
    """

    first: Tick
    last: Tick | None = None
    pos: int = 0

    def encode(self) -> bytes:
        """Return the place in octets, to be signed."""
        last = None if self.last is None else _WrittenTick.of(self.last)
        return msgspec.msgpack.encode(_WrittenPlace(_WrittenTick.of(self.first), last, self.pos))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Return the place in octets; raise `InvalidCursor` where another release wrote them."""
        try:
            found = msgspec.msgpack.decode(content, type=_WrittenPlace)
        except msgspec.DecodeError as error:
            raise InvalidCursor("Another release of Meishi gave this cursor out.") from error
        return cls(found.first.tick(), None if found.last is None else found.last.tick(), found.pos)

    @property
    def needed(self) -> int:
        """The position behind which all lies that is still to be read."""
        seen = self.first
        return max(seen.low_pos if seen.snapshot.running else seen.before_pos, self.pos)
