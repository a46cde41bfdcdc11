"""How often cards are looked at, on the page where one begins."""

from __future__ import annotations

from meishi.core.analytics.charts import chart_of
from meishi.core.analytics.contract import Analytics, TimeSeries
from meishi.core.analytics.periods import last_days
from meishi.sdk.context import service
from meishi.sdk.pages import now, render
from meishi.sdk.texts import text_of

_DAYS = 30


def last_month() -> str:
    """Return the funnel of the last thirty days, and its first step that was taken by day."""
    analytics = service(Analytics)
    period = last_days(now().date(), _DAYS)
    steps = analytics.funnel(period).steps
    found: TimeSeries | None = None
    if steps:
        drawn = next((step for step in steps if step.count), steps[0])
        found = analytics.series(drawn.metric, period)
    shown = render(
        "analytics/panel.html",
        titles={item.name: text_of(item.plugin, item.title) for item in analytics.metrics()},
        funnel=steps,
        found=found,
        chart=None if found is None else chart_of(found.series[0].points),
    )
    return shown.get_data(as_text=True)
