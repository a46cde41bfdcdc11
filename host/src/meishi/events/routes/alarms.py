"""What needs a person now, for operators and their monitoring."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from meishi.events.operations.alarms import Limits, alarms
from meishi.events.routes.blueprint import answered, blueprint, deployment
from meishi.events.schemas.oversight import EventAlarmListSchema, EventAlarmQuerySchema


@blueprint.route("/alarms")
class EventAlarmList(MethodView):
    """What needs a person."""

    @blueprint.requires("operate")
    @blueprint.arguments(EventAlarmQuerySchema, location="query")
    @blueprint.response(200, EventAlarmListSchema)
    def get(self, query: dict[str, Any]) -> Response:
        """List what needs a person now, a line for each thing; nothing goes away by itself."""
        host = deployment()
        limits = Limits(
            retention_days=host.settings.events_retention_days,
            cap_days=host.settings.events_retention_cap_days,
            max_lag_seconds=query["max_lag"],
        )
        return answered({"items": alarms(host.statuses(), limits)})
