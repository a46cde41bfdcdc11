"""Conversions and rewards over HTTP."""

from __future__ import annotations

from uuid import UUID

from flask.views import MethodView

from crm_viral.contract import (
    Conversion,
    ConversionNotFound,
    ConversionPage,
    Conversions,
    RewardPage,
    Rewards,
)
from crm_viral.routes.blueprint import blueprint, wanted_of
from crm_viral.schemas import (
    ConversionPageSchema,
    ConversionSchema,
    OfProgrammeQuerySchema,
    RewardPageSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery


@blueprint.route("/conversions")
class ConversionList(MethodView):
    """Sign-ups, and whom they are owed to."""

    @blueprint.requires("read")
    @blueprint.arguments(OfProgrammeQuerySchema, location="query")
    @blueprint.page(ConversionPageSchema)
    def get(self, wanted: ListQuery) -> ConversionPage:
        """List conversions in the order in which they were decided."""
        return service(Conversions).list(**wanted_of(wanted))


@blueprint.route("/conversions/<uuid:conversion_id>")
class ConversionItem(MethodView):
    """One conversion."""

    @blueprint.requires("read")
    @blueprint.document(ConversionSchema)
    @blueprint.problem(ConversionNotFound)
    def get(self, conversion_id: UUID) -> Conversion:
        """Return a conversion with all that the decision rests on."""
        return service(Conversions).get(conversion_id)


@blueprint.route("/conversions/<uuid:conversion_id>/reversal")
class ConversionReversal(MethodView):
    """A conversion on its way back."""

    @blueprint.requires("write")
    @blueprint.document(ConversionSchema)
    @blueprint.problem(ConversionNotFound)
    def post(self, conversion_id: UUID) -> Conversion:
        """Take back what both sides got; one that was taken back is returned as it is."""
        return service(Conversions).reverse(conversion_id)


@blueprint.route("/rewards")
class RewardList(MethodView):
    """The ledger."""

    @blueprint.requires("read")
    @blueprint.arguments(OfProgrammeQuerySchema, location="query")
    @blueprint.page(RewardPageSchema)
    def get(self, wanted: ListQuery) -> RewardPage:
        """List the lines of the ledger in their order."""
        return service(Rewards).list(**wanted_of(wanted))
