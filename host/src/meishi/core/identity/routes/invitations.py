"""Invitations to the workspace over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.core.identity.contract import (
    InvalidAccount,
    Invitation,
    InvitationNotFound,
    Invitations,
    MemberExists,
    NotForThisRole,
    TooManyInvitations,
)
from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import (
    InvitationDraftSchema,
    InvitationListSchema,
    InvitationSchema,
)
from meishi.sdk.context import service


@blueprint.route("/invitations")
class InvitationList(MethodView):
    """Invitations that wait for somebody to accept them."""

    @blueprint.requires("members.write")
    @blueprint.response(200, InvitationListSchema)
    def get(self) -> dict[str, Sequence[Invitation]]:
        """List invitations that wait, the newest first."""
        return {"items": service(Invitations).all()}

    @blueprint.requires("members.write")
    @blueprint.arguments(InvitationDraftSchema)
    @blueprint.response(201, InvitationSchema)
    @blueprint.problems(InvalidAccount, MemberExists, NotForThisRole, TooManyInvitations)
    def post(self, document: dict[str, Any]) -> Invitation:
        """Mail somebody a link that lets them join; an earlier one for them ends."""
        return service(Invitations).create(email=document["email"], role=document["role"])


@blueprint.route("/invitations/<uuid:invitation_id>")
class InvitationItem(MethodView):
    """One invitation."""

    @blueprint.requires("members.write")
    @blueprint.unconditional("An invitation never changes; it is there, or has ended.")
    @blueprint.response(204)
    @blueprint.problems(InvitationNotFound, NotForThisRole)
    def delete(self, invitation_id: UUID) -> Response:
        """Take an invitation back: its link leads nowhere then."""
        service(Invitations).revoke(invitation_id)
        return Response(status=204)
