"""Hooks of the event log."""

from meishi.events.models import metadata
from meishi.sdk.plugin import Migrations, Schemas, hookimpl


@hookimpl
def schemas() -> Schemas:
    """Return the log's tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the log's revisions are."""
    return Migrations("meishi.events.migrations.versions")
