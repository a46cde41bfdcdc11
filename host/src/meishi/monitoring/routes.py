"""Health over HTTP: what `meishi health` shows, for operators."""

from __future__ import annotations

from flask.views import MethodView

from meishi.monitoring.environment import environment
from meishi.monitoring.health import HealthSummary
from meishi.monitoring.schemas import HealthSummarySchema
from meishi.sdk.http import Blueprint

blueprint = Blueprint("health", description="Whether modules can work, for operators")


@blueprint.route("")
class Health(MethodView):
    """The checks of all modules."""

    @blueprint.requires("operate")
    @blueprint.waits()
    @blueprint.response(200, HealthSummarySchema)
    def get(self) -> HealthSummary:
        """Ask every module how it is; one that is slow is failing."""
        return environment().health.summary()
