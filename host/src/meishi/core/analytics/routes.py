"""Analytics over HTTP: of the workspace, and for operators of the whole deployment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response
from flask.views import MethodView

from meishi.core.analytics.contract import (
    Analytics,
    Funnel,
    InvalidAnalyticsQuery,
    MetricNotFound,
    Period,
    TimeSeries,
)
from meishi.core.analytics.periods import last_days
from meishi.core.analytics.schemas import (
    AnalyticsFunnelSchema,
    AnalyticsMetricListSchema,
    AnalyticsPeriodQuerySchema,
    AnalyticsTimeSeriesSchema,
    filters_of,
    series_query_schema,
)
from meishi.core.analytics.tables import series_csv
from meishi.sdk.context import service
from meishi.sdk.http import Blueprint, file_response, read_query
from meishi.sdk.pages import now

blueprint = Blueprint("analytics", description="How often things happen")

_DAYS = 30
_DAY = timedelta(days=1)
_CSV = "text/csv"


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description}


_SERIES_QUERY = [
    _parameter("from", {"type": "string", "format": "date"}, "The first day, in UTC."),
    _parameter("to", {"type": "string", "format": "date"}, "The last day; today by default."),
    _parameter("interval", {"type": "string", "enum": ["day", "week", "month"]}, "`day`."),
    _parameter("group", {"type": "string"}, "A dimension of the metric to break it down by."),
]


@blueprint.route("")
class MetricList(MethodView):
    """What is measured."""

    @blueprint.requires("read")
    @blueprint.response(200, AnalyticsMetricListSchema)
    def get(self) -> dict[str, Any]:
        """List metrics of modules that are on: the steps of the funnel first."""
        return {"items": service(Analytics).metrics()}


@blueprint.route("/funnel")
class FunnelItem(MethodView):
    """The funnel of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(AnalyticsPeriodQuerySchema, location="query")
    @blueprint.response(200, AnalyticsFunnelSchema)
    @blueprint.problems(InvalidAnalyticsQuery)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Tell how often each step was taken, and which part went on."""
        return _funnel_document(service(Analytics).funnel(_period(query)))


@blueprint.route("/<metric>")
class MetricItem(MethodView):
    """A metric of the workspace."""

    @blueprint.requires("read")
    @blueprint.reads_query()
    @blueprint.response(200, AnalyticsTimeSeriesSchema)
    @blueprint.doc(parameters=_SERIES_QUERY)
    @blueprint.problems(MetricNotFound, InvalidAnalyticsQuery)
    def get(self, metric: str) -> dict[str, Any]:
        """Return a metric over time: zero-filled, filtered by `filter[DIMENSION][eq]`."""
        return _series_document(_series(metric))


@blueprint.route("/<metric>/csv")
class MetricTable(MethodView):
    """A metric of the workspace as a table."""

    @blueprint.requires("read")
    @blueprint.reads_query()
    @blueprint.file(_CSV)
    @blueprint.doc(parameters=_SERIES_QUERY)
    @blueprint.problems(MetricNotFound, InvalidAnalyticsQuery)
    def get(self, metric: str) -> Response:
        """Return a metric over time as CSV, a line for each point."""
        return file_response([series_csv(_series(metric))], _CSV, f"{metric}.csv")


@blueprint.route("/deployment")
class DeploymentMetrics(MethodView):
    """What is measured in the deployment."""

    @blueprint.requires("deployment")
    @blueprint.response(200, AnalyticsMetricListSchema)
    def get(self) -> dict[str, Any]:
        """List metrics, those of facts that belong to no workspace included."""
        return {"items": service(Analytics).metrics(deployment=True)}


@blueprint.route("/deployment/funnel")
class DeploymentFunnel(MethodView):
    """The funnel of the deployment."""

    @blueprint.requires("deployment")
    @blueprint.arguments(AnalyticsPeriodQuerySchema, location="query")
    @blueprint.response(200, AnalyticsFunnelSchema)
    @blueprint.problems(InvalidAnalyticsQuery)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Tell how often each step was taken in all workspaces, and outside of them."""
        return _funnel_document(service(Analytics).funnel(_period(query), deployment=True))


@blueprint.route("/deployment/<metric>")
class DeploymentMetric(MethodView):
    """A metric of the deployment."""

    @blueprint.requires("deployment")
    @blueprint.reads_query()
    @blueprint.response(200, AnalyticsTimeSeriesSchema)
    @blueprint.doc(parameters=_SERIES_QUERY)
    @blueprint.problems(MetricNotFound, InvalidAnalyticsQuery)
    def get(self, metric: str) -> dict[str, Any]:
        """Return a metric over time: of all workspaces, and of what belongs to none."""
        return _series_document(_series(metric, deployment=True))


def _series(metric: str, *, deployment: bool = False) -> TimeSeries:
    """Return what the query asks for; a metric that is unknown is not found before its query."""
    analytics = service(Analytics)
    metrics = analytics.metrics(deployment=deployment)
    known = next((item for item in metrics if item.name == metric), None)
    if known is None:
        raise MetricNotFound("Nobody measures that here.")
    query = read_query(series_query_schema(known.dimensions))
    return analytics.series(
        metric,
        _period(query),
        interval=query["interval"],
        group=query["group"],
        filters=filters_of(query),
        deployment=deployment,
    )


def _period(query: dict[str, Any]) -> Period:
    """Return the days that a query names; what it leaves out makes them thirty, or ends today."""
    until = query.get("until", now().date())
    found = last_days(until, _DAYS)
    return replace(found, since=query.get("since", found.since))


def _series_document(found: TimeSeries) -> dict[str, Any]:
    shown = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return shown | _days(found.period)


def _funnel_document(found: Funnel) -> dict[str, Any]:
    return {"steps": found.steps} | _days(found.period)


def _days(period: Period) -> dict[str, Any]:
    return {"since": period.since, "until": period.until - _DAY}
