"""What the queue hears: that work is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.context import current_scope
from meishi.jobs.deferral import Deferred, JobArguments, defer
from meishi.jobs.requests import JobRequested


def on_job_requested(events: Sequence[JobRequested]) -> None:
    """Defer what was asked for, once, together with the position in the log."""
    scope = current_scope()
    jobs = []
    for event in events:
        envelope = scope.envelopes[id(event)][1].envelope()
        args = JobArguments(
            workspace=envelope.workspace,
            operation=event.operation_id,
            actor=envelope.actor,
            correlation=envelope.correlation,
            causation=envelope.id,
            arguments=event.arguments,
        )
        jobs.append(
            Deferred(
                queue=event.queue,
                job=event.job,
                priority=event.priority,
                lock=event.lock,
                args=args,
                at=event.at,
            )
        )
    defer(scope.work, jobs)
