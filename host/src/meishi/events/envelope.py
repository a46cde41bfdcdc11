"""Envelopes of events, and the scope in which events are handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from meishi.context import Scope
from meishi.envelope import Envelope, Enveloped
from meishi.events.log import LogRecord
from meishi.sdk.contract import Event

__all__ = ["Envelope", "Enveloped", "PublishedRecord", "handling"]


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """A record on its way into the log, and when it was published."""

    record: LogRecord
    time: datetime

    @property
    def id(self) -> UUID:
        """The event's own id."""
        return self.record.id

    @property
    def correlation(self) -> UUID:
        """The same for all that one request or command led to."""
        return self.record.correlation

    @property
    def chain(self) -> UUID:
        """What is equal where the correlation is."""
        return self.record.correlation

    def envelope(self) -> Envelope:
        """Return the envelope that the event will have in the log, but for its time."""
        record = self.record
        return Envelope(
            id=record.id,
            source=record.source,
            type=record.type,
            subject=record.subject,
            time=self.time,
            workspace=record.workspace_id,
            actor=record.actor,
            correlation=record.correlation,
            causation=record.causation,
        )


def handling(scope: Scope, pairs: Sequence[tuple[Event, Enveloped]]) -> Scope:
    """Return a scope in which these events are handled: it knows their envelopes.

    What is published inside continues their chain of causes as far as there is one: their
    correlation if all share it, and as its cause the event if it is the only one; else what the
    scope has. A handler that is given several says by `caused_by` which one it is about.
    """
    chains = {item.chain for _, item in pairs}
    shared = pairs[0][1].correlation if len(chains) == 1 else scope.correlation
    return replace(
        scope,
        correlation=shared,
        causation=pairs[0][1].id if len(pairs) == 1 else scope.causation,
        # By identity: equal events are different occurrences, and not all can be hashed.
        envelopes={id(event): (event, item) for event, item in pairs},
    )
