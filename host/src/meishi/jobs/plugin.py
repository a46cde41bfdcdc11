"""Hooks of the jobs."""

from collections.abc import Sequence

from meishi.core.operations.contract import OperationCancelled
from meishi.jobs.models import metadata
from meishi.jobs.requests import JobRequested
from meishi.jobs.subscribers import on_job_requested, on_operation_cancelled
from meishi.sdk.contract import Event
from meishi.sdk.plugin import EventHandler, Migrations, Schemas, hookimpl, on


@hookimpl
def schemas() -> Schemas:
    """Return the tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.jobs.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return the event by which work is asked for."""
    return [JobRequested]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what puts jobs into the queue, and takes them out of it."""
    return [on(JobRequested, on_job_requested), on(OperationCancelled, on_operation_cancelled)]
