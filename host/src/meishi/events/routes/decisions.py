"""What operators decided about events, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.events.operations.decisions import list_decisions
from meishi.events.operations.errors import UnknownSubscription
from meishi.events.routes.blueprint import answered, blueprint, read_cursor, signed
from meishi.events.routes.operating import operating
from meishi.events.schemas.oversight import (
    EventDecisionPageSchema,
    EventDecisionQuerySchema,
)

_DECISIONS = "decisions"


@blueprint.route("/decisions")
class EventDecisionList(MethodView):
    """What operators decided."""

    @blueprint.requires("operate")
    @blueprint.arguments(EventDecisionQuerySchema, location="query")
    @blueprint.response(200, EventDecisionPageSchema)
    @blueprint.problem(UnknownSubscription)
    def get(self, query: dict[str, Any]) -> Response:
        """List who skipped, discarded, paused, resumed or replayed what, the newest first."""
        after = read_cursor(_DECISIONS, query.get("after"))
        with operating():
            page = list_decisions(
                query.get("subscription"),
                limit=query["limit"],
                after=None if after is None else UUID(after),
            )
        return answered({"items": page.items, "next_after": signed(_DECISIONS, page.next_after)})
