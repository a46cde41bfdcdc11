"""Hooks of the event log."""

from collections.abc import Sequence

from meishi.events.models import metadata
from meishi.events.routes import blueprint
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Migrations, Permission, Role, Schemas, hookimpl


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def schemas() -> Schemas:
    """Return the log's tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the log's revisions are."""
    return Migrations("meishi.events.migrations.versions")


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="Follow events", roles=tuple(Role)),
        Permission(
            name="operate", title="Look after the delivery of events", roles=(), operators=True
        ),
    ]
