"""Exchanges over HTTP."""

from __future__ import annotations

from uuid import UUID

from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from qr.contract import Exchange, ExchangeNotFound, ExchangePage, Exchanges, ExchangeState
from qr.routes.blueprint import after_of, blueprint, conditions_of, uuid_or_none
from qr.routes.cards import CARD
from qr.schemas import ExchangePageSchema, ExchangeQuerySchema, ExchangeSchema


@blueprint.route("/exchanges")
class ExchangeList(MethodView):
    """Cards that visitors have left."""

    @blueprint.requires("exchanges")
    @blueprint.arguments(ExchangeQuerySchema, location="query")
    @blueprint.page(ExchangePageSchema, includes=[CARD])
    def get(self, wanted: ListQuery) -> ExchangePage:
        """List exchanges, newest first."""
        conditions = conditions_of(wanted)
        state = conditions.get("state")
        return service(Exchanges).list_exchanges(
            card_id=uuid_or_none(conditions.get("card_id")),
            state=None if state is None else ExchangeState(state),
            visitor_contact_id=uuid_or_none(conditions.get("visitor_contact_id")),
            after=after_of(wanted),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )


@blueprint.route("/exchanges/<uuid:exchange_id>")
class ExchangeItem(MethodView):
    """One exchange."""

    @blueprint.requires("exchanges")
    @blueprint.document(ExchangeSchema, includes=[CARD])
    @blueprint.problem(ExchangeNotFound)
    def get(self, exchange_id: UUID) -> Exchange:
        """Return an exchange, with what was agreed to."""
        return service(Exchanges).get_exchange(exchange_id)
