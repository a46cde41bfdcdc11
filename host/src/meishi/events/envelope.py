"""Envelopes of events, and the scope in which events are handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from meishi.context import Scope
from meishi.envelope import Envelope
from meishi.events.log import LogRecord
from meishi.sdk.contract import Event

__all__ = ["Envelope", "envelope_of", "handling"]


def envelope_of(record: LogRecord, time: datetime) -> Envelope:
    """Return the envelope of a record that is on its way into the log."""
    return Envelope(
        id=record.id,
        source=record.source,
        type=record.type,
        subject=record.subject,
        time=time,
        workspace=record.workspace_id,
        actor=record.actor,
        correlation=record.correlation,
        causation=record.causation,
    )


def handling(scope: Scope, pairs: Sequence[tuple[Event, Envelope]]) -> Scope:
    """Return a scope in which these events are handled: it knows their envelopes.

    What is published inside continues their chain of causes as far as there is one: their
    correlation if all share it, and as its cause the event if it is the only one; else what the
    scope has. A handler that is given several says by `caused_by` which one it is about.
    """
    correlations = {envelope.correlation for _, envelope in pairs}
    return replace(
        scope,
        correlation=correlations.pop() if len(correlations) == 1 else scope.correlation,
        causation=pairs[0][1].id if len(pairs) == 1 else scope.causation,
        # By identity: equal events are different occurrences, and not all can be hashed.
        envelopes={id(event): (event, envelope) for event, envelope in pairs},
    )
