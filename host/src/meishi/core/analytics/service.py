"""Implements `Analytics`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date

from meishi.core.analytics import repository
from meishi.core.analytics.contract import (
    MAX_DAYS,
    DayCount,
    Funnel,
    FunnelStep,
    Interval,
    InvalidAnalyticsQuery,
    KnownMetric,
    MetricNotFound,
    Period,
    Point,
    Series,
    TimeSeries,
)
from meishi.core.analytics.periods import beginnings
from meishi.core.analytics.points import analytics_metrics
from meishi.sdk.context import has_workspace
from meishi.sdk.hooks import extensions
from meishi.sdk.plugin import PluginContext


class AnalyticsService:
    """Implements `Analytics`."""

    def __init__(self, _: PluginContext) -> None:
        """Need nothing of the plugin's context."""

    def metrics(self, *, deployment: bool = False) -> tuple[KnownMetric, ...]:
        """Return what is measured by modules that are on: the steps of the funnel first."""
        found = _known(deployment=deployment)
        return tuple(sorted(found, key=lambda item: (_place(item), item.name)))

    def series(
        self,
        metric: str,
        period: Period,
        *,
        interval: Interval = Interval.DAY,
        group: str | None = None,
        filters: tuple[tuple[str, str], ...] = (),
        deployment: bool = False,
    ) -> TimeSeries:
        """Return how often something happened over time, broken down by the dimension `group`."""
        metrics = self.metrics(deployment=deployment)
        known = next((item for item in metrics if item.name == metric), None)
        if known is None:
            raise MetricNotFound(f"Nobody measures {metric!r} here.")
        _check(period)
        for name in (*(name for name, _ in filters), *([group] if group is not None else [])):
            if name not in known.dimensions:
                raise InvalidAnalyticsQuery(f"{metric} has no dimension {name!r}.")
        with _place_of(deployment=deployment):
            counted = repository.series(metric, period, interval, group, filters)
        counts = counted.by_value or ({None: {}} if group is None else {})
        found = sorted(
            (_series(value, days, period, interval) for value, days in counts.items()),
            key=lambda item: (-item.total, item.value or ""),
        )
        return TimeSeries(
            metric=metric,
            title=known.title,
            interval=interval,
            period=period,
            group=group,
            total=sum(item.total for item in found) + counted.others,
            series=tuple(found),
            others=counted.others,
        )

    def funnel(self, period: Period, *, deployment: bool = False) -> Funnel:
        """Return how often each step was taken."""
        _check(period)
        metrics = self.metrics(deployment=deployment)
        steps = [item for item in metrics if item.funnel is not None]
        with _place_of(deployment=deployment):
            totals = repository.totals([item.name for item in steps], period)
        return Funnel(period=period, steps=tuple(_steps(steps, totals)))

    def count(
        self, metric: str, counts: tuple[DayCount, ...], deployment: tuple[DayCount, ...]
    ) -> None:
        """Add to what was counted in the current workspace, if there is one, and in all."""
        if has_workspace():
            repository.add(metric, counts)
        with repository.in_deployment():
            repository.add(metric, deployment)

    def forget(self) -> None:
        """Forget all that was counted in the current workspace, if there is one, and in all."""
        if has_workspace():
            repository.forget()
        with repository.in_deployment():
            repository.forget()


def _known(*, deployment: bool) -> Iterator[KnownMetric]:
    supplied = (
        (found.plugin, item) for found in extensions(analytics_metrics) for item in found.items
    )
    for plugin, item in supplied:
        if deployment or not item.deployment:
            yield KnownMetric(
                name=item.name,
                title=item.title,
                plugin=plugin,
                dimensions=item.dimensions,
                funnel=item.funnel,
            )


def _place(item: KnownMetric) -> tuple[bool, int]:
    return item.funnel is None, item.funnel or 0


def _place_of(*, deployment: bool) -> AbstractContextManager[None]:
    return repository.in_deployment() if deployment else nullcontext()


def _check(period: Period) -> None:
    days = (period.until - period.since).days
    if not 1 <= days <= MAX_DAYS:
        raise InvalidAnalyticsQuery(f"Ask for 1 to {MAX_DAYS} days, the last one included.")


def _series(
    value: str | None, counts: Mapping[date, int], period: Period, interval: Interval
) -> Series:
    points = tuple(Point(day=day, count=counts.get(day, 0)) for day in beginnings(period, interval))
    return Series(value=value, total=sum(counts.values()), points=points)


def _steps(steps: list[KnownMetric], totals: Mapping[str, int]) -> Iterator[FunnelStep]:
    before: int | None = None
    for item in steps:
        count = totals.get(item.name, 0)
        yield FunnelStep(
            metric=item.name,
            title=item.title,
            count=count,
            of_previous=count / before if before else None,
        )
        before = count
