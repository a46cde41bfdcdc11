"""What the queue hears: that work is asked for, and that it is not wanted any more."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.context import current_scope
from meishi.core.operations.contract import OperationCancelled, OperationOvertaken, Operations
from meishi.jobs.cancelling import job_of, take_out
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
            operation=None if envelope.workspace is None else event.operation_id,
            actor=envelope.actor,
            correlation=envelope.correlation,
            causation=envelope.id,
            arguments=event.arguments,
            oversees=event.oversees,
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


def on_operation_cancelled(events: Sequence[OperationCancelled]) -> None:
    """Take waiting jobs out of the queue; running ones see it between two of their steps."""
    scope = current_scope()
    for event in events:
        number = job_of(scope.work, event.operation_id)
        if number is not None and take_out(scope.work, number):
            try:
                scope.host.service(Operations).stop(event.operation_id)
            except OperationOvertaken:
                continue  # it waited: to cancel it was to end it
