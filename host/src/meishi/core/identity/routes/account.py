"""Who asks, over HTTP."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from meishi.core.identity.contract import AccountNotFound, Accounts
from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import AccountSchema
from meishi.sdk.context import current_actor, current_workspace, service


@blueprint.route("/account")
class AccountItem(MethodView):
    """Whose token it is, and what it is good for."""

    @blueprint.requires("workspace.read")
    @blueprint.response(200, AccountSchema)
    @blueprint.problem(AccountNotFound, "Erased meanwhile")
    def get(self) -> dict[str, Any]:
        """Tell who you are: user, workspace, role, and what this token may do."""
        actor, here = current_actor(), current_workspace()
        assert actor.user_id is not None
        places = service(Accounts).workspaces_of(actor.user_id)
        place = next(item for item in places if item.id == here)
        return {
            "user": service(Accounts).get(actor.user_id),
            "workspace": place,
            "role": place.role,
            "token_id": actor.token_id,
            "permissions": sorted(actor.permissions),
        }
