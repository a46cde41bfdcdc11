"""Hooks of identity."""

from collections.abc import Sequence

from meishi.core.identity.contract import Tokens, Workspaces
from meishi.core.identity.models import metadata
from meishi.core.identity.service import TokenService, WorkspaceService
from meishi.sdk.plugin import Migrations, Schemas, Service, hookimpl


@hookimpl
def schemas() -> Schemas:
    """Return identity's tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where identity's revisions are."""
    return Migrations("meishi.core.identity.migrations.versions")


@hookimpl
def services() -> Sequence[Service]:
    """Return what identity offers to others."""
    return [Service(Workspaces, WorkspaceService), Service(Tokens, TokenService)]
