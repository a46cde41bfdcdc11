"""The people of the workspace over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.core.identity.contract import (
    LastOwner,
    Member,
    MemberNotFound,
    Members,
    NotForThisRole,
)
from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import (
    MemberListSchema,
    MemberPatchSchema,
    MemberSchema,
)
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH, wanted_versions


@blueprint.route("/members")
class MemberList(MethodView):
    """Everybody in the workspace."""

    @blueprint.requires("members.read")
    @blueprint.response(200, MemberListSchema)
    def get(self) -> dict[str, Sequence[Member]]:
        """List members, by their names."""
        return {"items": service(Members).all()}


@blueprint.route("/members/<uuid:user_id>")
class MemberItem(MethodView):
    """One member."""

    @blueprint.requires("members.read")
    @blueprint.document(MemberSchema)
    @blueprint.problem(MemberNotFound)
    def get(self, user_id: UUID) -> Member:
        """Return a member."""
        return service(Members).get(user_id)

    @blueprint.requires("members.write")
    @blueprint.arguments(MemberPatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(MemberSchema)
    @blueprint.preconditions()
    @blueprint.problems(LastOwner, MemberNotFound, NotForThisRole)
    def patch(self, document: dict[str, Any], user_id: UUID) -> Member:
        """Give a member another role, neither of them above one's own."""
        role = document.get("role") or service(Members).get(user_id).role
        return service(Members).change_role(user_id, role, versions=wanted_versions())

    @blueprint.requires("members.write")
    @blueprint.preconditions()
    @blueprint.response(204)
    @blueprint.problems(LastOwner, MemberNotFound, NotForThisRole)
    def delete(self, user_id: UUID) -> Response:
        """Take a member out; their tokens of the workspace end with it."""
        service(Members).remove(user_id, versions=wanted_versions())
        return Response(status=204)
