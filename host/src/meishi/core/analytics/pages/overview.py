"""The page of analytics: the funnel, and a metric over time, each as a picture and as a table."""

from __future__ import annotations

from flask import Response, request

from meishi.core.analytics.charts import chart_of
from meishi.core.analytics.contract import Analytics, KnownMetric, TimeSeries
from meishi.core.analytics.periods import last_days
from meishi.sdk.context import service
from meishi.sdk.pages import now, render
from meishi.sdk.texts import text_of

#: The periods that are offered, in days.
_PERIODS = (7, 30, 90)
_USUAL = "30"


def overview() -> Response:
    """Show how often each step of the funnel was taken, and one metric by day."""
    analytics = service(Analytics)
    metrics = analytics.metrics()
    written = request.args.get("days", _USUAL)
    days = int(written) if written in map(str, _PERIODS) else int(_USUAL)
    period = last_days(now().date(), days)
    chosen = _chosen(metrics, request.args.get("metric", ""))
    found = None if chosen is None else analytics.series(chosen.name, period)
    group = _group(chosen, request.args.get("group", ""))
    parts: TimeSeries | None = None
    if chosen is not None and group is not None:
        parts = analytics.series(chosen.name, period, group=group)
    return render(
        "analytics/overview.html",
        metrics=metrics,
        titles={item.name: text_of(item.plugin, item.title) for item in metrics},
        funnel=analytics.funnel(period).steps,
        chosen=chosen,
        found=found,
        parts=parts,
        group=group,
        chart=None if found is None else chart_of(found.series[0].points),
        days=days,
        periods=_PERIODS,
    )


def _chosen(metrics: tuple[KnownMetric, ...], name: str) -> KnownMetric | None:
    named = [item for item in metrics if item.name == name]
    return next(iter([*named, *metrics]), None)


def _group(metric: KnownMetric | None, name: str) -> str | None:
    return name if metric is not None and name in metric.dimensions else None
