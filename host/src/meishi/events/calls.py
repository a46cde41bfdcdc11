"""Which handlers are called with which events: few calls with long lists, every order kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from meishi.events.notices import envelope
from meishi.events.signals import Receiver
from meishi.events.spans import StoredEvent
from meishi.sdk.contract import Event


@dataclass(slots=True)
class HandlerCall:
    """One call: who is called, in which workspace, and the events that are handed over."""

    receiver: Receiver
    workspace: UUID | None
    stored: list[StoredEvent] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """Return what the log says of it: which event it is about, or how many."""
        if len(self.stored) == 1:
            return envelope(self.stored[0])
        return {"workspace": self.workspace, "events": len(self.stored)}


def handler_calls(
    delivered: Iterable[tuple[StoredEvent, Event]],
    receivers_of: Callable[[Event], Sequence[Receiver]],
    most: int,
) -> list[HandlerCall]:
    """Return the calls that hand events to their handlers, at most so many in a call.

    Events of one key reach every handler in their order, whatever their types; those of a
    workspace are together.
    """
    calls: list[HandlerCall] = []
    last: dict[tuple[str | None, str], int] = {}
    latest: dict[tuple[str | None, Receiver], int] = {}
    for stored, event in delivered:
        thread = stored.thread
        for receiver in receivers_of(event):
            place = (stored.workspace, receiver)
            number = latest.get(place, -1)
            full = number < 0 or len(calls[number].events) >= most
            if full or number < last.get(thread, 0):
                number = len(calls)
                calls.append(HandlerCall(receiver, stored.workspace_id))
                latest[place] = number
            call = calls[number]
            call.stored.append(stored)
            call.events.append(event)
            last[thread] = number
    workspaces = dict.fromkeys(call.workspace for call in calls)
    order = {workspace: number for number, workspace in enumerate(workspaces)}
    return sorted(calls, key=lambda call: order[call.workspace])
