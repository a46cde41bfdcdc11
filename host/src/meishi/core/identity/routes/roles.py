"""Roles and permissions over HTTP: what there is, and who may do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask.views import MethodView

from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import PermissionsSchema, RolesSchema
from meishi.sdk.contract import Role
from meishi.sdk.permissions import DeclaredPermission, declared_permissions, permissions_of


@blueprint.route("/roles")
class RoleList(MethodView):
    """What members can be."""

    @blueprint.requires("workspace.read")
    @blueprint.response(200, RolesSchema)
    def get(self) -> dict[str, Sequence[dict[str, Any]]]:
        """List the roles from the highest to the lowest, with what each may do."""
        items = [{"role": role, "permissions": sorted(permissions_of(role))} for role in Role]
        return {"items": items}


@blueprint.route("/permissions")
class PermissionList(MethodView):
    """What can be permitted."""

    @blueprint.requires("workspace.read")
    @blueprint.response(200, PermissionsSchema)
    def get(self) -> dict[str, Sequence[DeclaredPermission]]:
        """List the permissions of all modules, which are the scopes of tokens, too."""
        return {"items": declared_permissions()}
