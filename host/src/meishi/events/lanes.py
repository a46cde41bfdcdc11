"""Lanes: ways along the log. A cursor has its own, and one for each workspace that catches up."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.events.cursor import Cursor, Gap
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import Position
from meishi.events.spans import Span, StoredEvent


class Lane:
    """The way of a cursor along the log: the events that it wants of the span that it is in."""

    def __init__(self, cursor: Cursor, types: frozenset[str]) -> None:
        self.cursor = cursor
        self._types = types
        self._span: Span | None = None
        self._pending: list[StoredEvent] = []

    @property
    def position(self) -> Position:
        """How far everything is done."""
        return self.cursor.position

    @position.setter
    def position(self, position: Position) -> None:
        self.cursor.position = position

    def wanted(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Return those events that are to be delivered on this lane."""
        gaps = self.cursor.gaps
        return [event for event in self._ours(events) if event.workspace not in gaps]

    def _ours(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        slot, slots, types = self.cursor.slot, self.cursor.slots, self._types
        return [event for event in events if event.type in types and event.slot % slots == slot]

    @property
    def idle(self) -> bool:
        """Whether nothing is left of the span; another one must be read."""
        return not self._pending

    def enter(self, span: Span) -> None:
        """Go on with a span; one that holds nothing of interest is done at once."""
        self._span = span
        self._pending = self.wanted(span.events)
        if not self._pending:
            self.position = span.end

    def leave_out(self, workspace: str) -> None:
        """Pass over what is left of a workspace, of which a gap was opened."""
        left = [event for event in self._pending if event.workspace != workspace]
        if self._pending and not left:
            assert self._span is not None
            self.position = self._span.end
        self._pending = left

    def take(self, most: int) -> tuple[StoredEvent, ...]:
        """Return the next events, at most so many; they stay until `moved` is told."""
        return tuple(self._pending[:most])

    def end_of(self, events: Sequence[StoredEvent]) -> Position:
        """Return where one is when these, the next ones, are done."""
        assert self._span is not None
        if len(events) == len(self._pending):
            return self._span.end
        return self._span.within(events[-1].pos)

    def moved(self, end: Position) -> None:
        """Note that everything up to a position is done."""
        if end == self.position:
            return
        self.position = end
        if end.closed:
            self._pending = []
        else:
            self._pending = [event for event in self._pending if event.pos > end.pos]

    def cursor_position(self, end: Position) -> Position:
        """Return where the cursor itself is when this lane has come to `end`."""
        return end

    def statements(self, end: Position) -> list[str]:  # noqa: ARG002 (of lanes with a memory)
        """Return what remembers that this lane has come to `end`, besides the cursor's position."""
        return []


class GapLane(Lane):
    """The way of a workspace that was paused, up to where its cursor is."""

    def __init__(self, cursor: Cursor, types: frozenset[str], gap: Gap) -> None:
        super().__init__(cursor, types)
        self.gap = gap

    @property
    def position(self) -> Position:
        """How far everything of the workspace is done."""
        return self.gap.position

    @position.setter
    def position(self, position: Position) -> None:
        self.gap.position = position

    def wanted(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Return those events that the cursor has passed over."""
        return [event for event in self._ours(events) if event.workspace == self.gap.workspace]

    def cursor_position(self, end: Position) -> Position:  # noqa: ARG002 (it stays)
        """Return the cursor's position, which this lane does not move."""
        return self.cursor.position

    def statements(self, end: Position) -> list[str]:
        """Return what remembers how far the workspace has come; all values are our own."""
        name = self.cursor.subscription.replace("'", "''")
        move = (
            f"UPDATE {DB_SCHEMA}.gap SET tick = {end.tick}, upto = {end.upto}, pos = {end.pos} "  # noqa: S608
            f"WHERE subscription = '{name}' AND slot = {self.cursor.slot} "
            f"AND workspace = '{self.gap.workspace}'"
        )
        return [move]
