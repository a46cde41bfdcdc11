"""Proposals over HTTP, and what is decided on them."""

from __future__ import annotations

from uuid import UUID

from flask.views import MethodView

from crm_enrichment.contract import (
    Field,
    FieldTaken,
    Proposal,
    ProposalDecided,
    ProposalNotFound,
    ProposalPage,
    Proposals,
    ProposalState,
)
from crm_enrichment.routes.blueprint import blueprint
from crm_enrichment.schemas import ProposalPageSchema, ProposalQuerySchema, ProposalSchema
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery, VersionMismatch


@blueprint.route("/proposals")
class ProposalList(MethodView):
    """All proposals of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ProposalQuerySchema, location="query")
    @blueprint.page(ProposalPageSchema)
    def get(self, wanted: ListQuery) -> ProposalPage:
        """List proposals, newest first."""
        return proposal_page(wanted)


def proposal_page(wanted: ListQuery) -> ProposalPage:
    """Return the page of proposals that a query asks for."""
    asked = {condition.field: condition.value for condition in wanted.conditions}
    return service(Proposals).page(
        contact_id=UUID(asked["contact_id"]) if "contact_id" in asked else None,
        state=ProposalState(asked["state"]) if "state" in asked else None,
        provider=asked.get("provider"),
        field=Field(asked["field"]) if "field" in asked else None,
        after=None if wanted.after is None else UUID(wanted.after[0]),
        limit=wanted.limit,
        with_total=wanted.with_total,
    )


@blueprint.route("/proposals/<uuid:proposal_id>")
class ProposalItem(MethodView):
    """One proposal."""

    @blueprint.requires("read")
    @blueprint.document(ProposalSchema)
    @blueprint.problem(ProposalNotFound)
    def get(self, proposal_id: UUID) -> Proposal:
        """Return a proposal."""
        return service(Proposals).get(proposal_id)


@blueprint.route("/proposals/<uuid:proposal_id>/apply")
class ProposalApplication(MethodView):
    """Taking a proposal over."""

    @blueprint.requires("write")
    @blueprint.document(ProposalSchema)
    @blueprint.problems(ProposalNotFound, ProposalDecided, FieldTaken, VersionMismatch)
    def post(self, proposal_id: UUID) -> Proposal:
        """Apply a proposal; others for the same place are superseded."""
        return service(Proposals).apply(proposal_id)


@blueprint.route("/proposals/<uuid:proposal_id>/reject")
class ProposalRejection(MethodView):
    """Turning a proposal down."""

    @blueprint.requires("write")
    @blueprint.document(ProposalSchema)
    @blueprint.problems(ProposalNotFound, ProposalDecided)
    def post(self, proposal_id: UUID) -> Proposal:
        """Reject a proposal; the same is not proposed again from the same source."""
        return service(Proposals).reject(proposal_id)


@blueprint.route("/proposals/<uuid:proposal_id>/revert")
class ProposalReversion(MethodView):
    """Taking back what a proposal has changed."""

    @blueprint.requires("write")
    @blueprint.document(ProposalSchema)
    @blueprint.problems(ProposalNotFound, ProposalDecided, FieldTaken, VersionMismatch)
    def post(self, proposal_id: UUID) -> Proposal:
        """Revert a proposal: the value before is back, unless somebody has changed it since."""
        return service(Proposals).revert(proposal_id)
