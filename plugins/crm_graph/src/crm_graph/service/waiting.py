"""Drawings that follow changes: awaited for a while, and until the graph has come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_graph.repository import states
from crm_graph.repository.states import Awaited
from meishi.sdk import jobs
from meishi.sdk.context import current_settings

DRAW = "draw"

#: After so long a drawing that was due and never came is given up, and asked for again.
_PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long drawings wait.

    For `delay` after the first change, and from there on until nothing has changed for `rest`, or
    for the delay if that is less, but no longer than `longest` after that change. A change by
    itself waits for the delay alone, whatever the others are.
    """

    delay: timedelta
    rest: timedelta
    longest: timedelta

    def next_look(self, awaited: Awaited) -> datetime | None:
        """Return when to look again whether the graph rests; None if it is to be drawn now."""
        latest = awaited.since + self.longest
        if awaited.moved_at is None or awaited.now >= latest:
            return None
        if awaited.now - awaited.moved_at >= min(self.rest, self.delay):
            return None
        return min(awaited.now + self.delay, latest)


def ask_for_drawing() -> None:
    """Ask for a drawing after a while, unless one is awaited: many changes are drawn at once."""
    delay = _patience().delay
    asked_at = states.ask(delay + _PATIENCE)
    if asked_at is not None:
        _request(asked_at, asked_at + delay)


def is_time_to_draw(asked_at: datetime) -> bool:
    """Whether to draw now what was asked for then; ask anew if the graph is still changing.

    What was drawn meanwhile, as somebody wished, or was asked for anew, is not to be drawn.
    """
    awaited = states.awaited(asked_at)
    if awaited is None:
        return False
    later = _patience().next_look(awaited)
    if later is None:
        return True
    again_at = states.ask_again(asked_at)
    if again_at is not None:
        _request(again_at, later)
    return False


def _patience() -> Patience:
    settings = current_settings()
    names = ("draw_delay_seconds", "draw_rest_seconds", "draw_longest_wait_seconds")
    return Patience(*(timedelta(seconds=int(settings[name])) for name in names))


def _request(asked_at: datetime, due_at: datetime) -> None:
    jobs.request(DRAW, jobs.JobOptions(at=due_at), asked_at=asked_at)
