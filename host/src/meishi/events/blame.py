"""Who is to blame when a process dies: what was noted before the calls is held against it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meishi.events.cursor import Attempt, Cursor

#: So much smaller is the next list of a cursor whose last one ended a process.
SMALLER = 4

#: Processes that an event alone must have ended, before it is parked without proof.
STRIKES = 2

ENDED = "The process that handled it ended without a word, as by a kill or for want of memory."


@dataclass(frozen=True, slots=True)
class Predecessor:
    """Who ran in this place before and died.

    `guilty` is the label of the call that is to blame, None if nobody knows; `error` says why.
    """

    id: UUID
    guilty: str | None
    error: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a cursor takes over from a process that died: its attempt, and how sure the blame is.

    `error` is what is reported if the event is found guilty.
    """

    attempt: Attempt
    proven: bool
    error: str

    @property
    def size(self) -> int:
        """How many events are to be delivered at once, to come closer to the guilty one."""
        return max(1, self.attempt.size // SMALLER)

    def repeats(self, pos: int, size: int) -> bool:
        """Whether these events are what was being attempted, alone."""
        return size == 1 and self.attempt.size == 1 and self.attempt.pos == pos

    def condemns(self, pos: int, size: int) -> bool:
        """Whether one event is known to end processes."""
        return self.repeats(pos, size) and (self.proven or self.attempt.count >= STRIKES)


def suspicion(cursor: Cursor, worker: UUID, predecessor: Predecessor | None) -> Suspicion | None:
    """Return what is left of an attempt that nobody finished; None if there is nothing to fear.

    An attempt of this `worker` was undone, but by nothing that has ended it.
    """
    attempt = cursor.attempt
    if attempt is None or attempt.by == str(worker):
        return None
    if predecessor is None or attempt.by != str(predecessor.id):
        return Suspicion(attempt, proven=False, error=ENDED)
    if predecessor.guilty is None:
        return Suspicion(attempt, proven=False, error=predecessor.error)
    if predecessor.guilty != cursor.label:
        return None
    return Suspicion(attempt, proven=True, error=predecessor.error)
