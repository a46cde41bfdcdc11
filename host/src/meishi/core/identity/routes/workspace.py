"""The workspace over HTTP."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from meishi.core.identity.contract import InvalidAccount, SlugTaken, Workspace, Workspaces
from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import WorkspacePatchSchema, WorkspaceSchema
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH, wanted_versions


@blueprint.route("/workspace")
class WorkspaceItem(MethodView):
    """The workspace that the token is for."""

    @blueprint.requires("workspace.read")
    @blueprint.document(WorkspaceSchema)
    def get(self) -> Workspace:
        """Return the workspace."""
        return service(Workspaces).get()

    @blueprint.requires("workspace.write")
    @blueprint.arguments(WorkspacePatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(WorkspaceSchema)
    @blueprint.preconditions()
    @blueprint.problems(InvalidAccount, SlugTaken)
    def patch(self, document: dict[str, Any]) -> Workspace:
        """Give the workspace another name or slug."""
        return service(Workspaces).change(
            slug=document.get("slug"), name=document.get("name"), versions=wanted_versions()
        )
