"""Hooks of operations."""

from collections.abc import Sequence

from meishi.core.operations.contract import OperationCancelled, OperationFinished, Operations
from meishi.core.operations.jobs import forget_ended
from meishi.core.operations.models import metadata
from meishi.core.operations.routes import blueprint
from meishi.core.operations.schemas import RESOURCES
from meishi.core.operations.service import OperationService
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Job, Migrations, Permission, Role, Schemas, Service, hookimpl


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def schemas() -> Schemas:
    """Return the table and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.core.operations.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [OperationCancelled, OperationFinished]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to those who do long work, and to those who look at it."""
    return [Service(Operations, OperationService)]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See how far long work has come", roles=tuple(Role)),
        Permission(
            name="cancel",
            title="Stop long work",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return what comes by itself, once a night."""
    return [Job(name="forget_ended", run=forget_ended, schedule="17 3 * * *")]
