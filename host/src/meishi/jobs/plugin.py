"""Hooks of the jobs."""

from collections.abc import Sequence

from meishi.core.operations.contract import OperationCancelled
from meishi.jobs.models import metadata
from meishi.jobs.requests import JobRequested
from meishi.jobs.routes import blueprint
from meishi.jobs.schemas import RESOURCES
from meishi.jobs.subscribers import on_job_requested, on_operation_cancelled
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import EventHandler, Migrations, Permission, Schemas, hookimpl, on


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API of operators."""
    return [blueprint]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right that the routes ask for."""
    return [
        Permission(name="operate", title="Look after jobs", roles=(), operators=True),
    ]


@hookimpl
def schemas() -> Schemas:
    """Return the tables, and what operators see of them."""
    return Schemas(db=metadata, resources=RESOURCES)


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
