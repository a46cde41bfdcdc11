"""What goes over the wire: a page of events as the log has them, and the cursor behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from meishi.events.log import LogRecord
from meishi.events.spans import StoredEvent

#: Where the feed for neighbours is.
PATH = "/internal/v1/events"

#: The most events of a page, and the most seconds that one waits for the first.
MOST, MOST_WAIT = 500, 25


class _Trace(msgspec.Struct, frozen=True):
    actor: UUID | None = None
    correlation: UUID | None = None
    causation: UUID | None = None


class SentEvent(msgspec.Struct, frozen=True):
    """An event on its way from one log to another; `time` is when the first has written it."""

    id: UUID
    source: str
    type: str
    version: int
    workspace: UUID | None
    subject: str
    key: str
    time: datetime
    trace: _Trace
    data: msgspec.Raw

    def record(self) -> LogRecord:
        """Return the event as a log takes it."""
        return LogRecord(
            id=self.id,
            source=self.source,
            type=self.type,
            version=self.version,
            workspace_id=self.workspace,
            subject=self.subject,
            key=self.key,
            actor=self.trace.actor,
            correlation=self.trace.correlation or self.id,
            causation=self.trace.causation,
            data=bytes(self.data),
        )


class SentPage(msgspec.Struct, frozen=True):
    """Events in the order of the log, and the cursor behind them; `more` are there at once."""

    events: tuple[SentEvent, ...]
    cursor: str
    more: bool


def written(events: Sequence[StoredEvent], cursor: str, *, more: bool) -> bytes:
    """Return a page as it is sent."""
    sent = tuple(
        {
            "id": event.id_text,
            "source": event.source,
            "type": event.type,
            "version": event.version,
            "workspace": event.workspace,
            "subject": event.subject,
            "key": event.key,
            "time": event.time,
            "trace": msgspec.Raw(event.trace_text.encode()),
            "data": msgspec.Raw(event.data.encode()),
        }
        for event in events
    )
    return msgspec.json.encode({"events": sent, "cursor": cursor, "more": more})


def read(document: bytes) -> SentPage:
    """Return a page that came; raise `ValueError` if it is none."""
    return msgspec.json.decode(document, type=SentPage)
