"""Hooks of the host's own tables."""

from meishi.lifecycle.models import metadata
from meishi.sdk.plugin import Migrations, Schemas, hookimpl


@hookimpl
def schemas() -> Schemas:
    """Return the host's tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the host's revisions are."""
    return Migrations("meishi.lifecycle.migrations.versions")
