"""What analytics counts for plugins, and what it tells of that."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Protocol

from meishi.sdk.contract import DomainError, Event, atomic, query

#: How many days a time series or a funnel covers at most.
MAX_DAYS = 400
#: How many values a breakdown shows; the others are added up.
MAX_SERIES = 20
MAX_DIMENSIONS = 4

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: What addresses stand for beside metrics.
_TAKEN = frozenset({"deployment", "funnel"})


class MetricNotFound(DomainError):
    """Nobody measures that here."""

    code = "metric-not-found"
    title = "Metric not found"
    status = 404


class InvalidAnalyticsQuery(DomainError):
    """Something is asked for that the metric does not know, or too much of it."""

    code = "invalid-analytics-query"
    title = "Invalid query"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a plugin measures: how often one of its events occurs.

    `name` is unique in the deployment, and stays: what was counted is remembered under it.
    `dimensions` are fields of the event by whose values it is broken down: few values each, none
    of them about a person. `funnel` is the place among the steps that lead from the first look to
    the last, if it is one; metrics of one place are told by name. With `deployment` the event
    belongs to no workspace, and the metric is among the deployment's numbers alone.
    """

    name: str
    title: str
    event: type[Event]
    dimensions: tuple[str, ...] = ()
    funnel: int | None = None
    deployment: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be counted, or asked for."""
        if not _NAME.fullmatch(self.name) or self.name in _TAKEN:
            raise ValueError(f"a metric must not be called {self.name!r}")
        known = {item.name for item in fields(self.event)}  # type: ignore[arg-type]
        for name in self.dimensions:
            if name not in known:
                raise ValueError(f"{self.event.__name__} has no field {name!r}")
        if len(set(self.dimensions)) != len(self.dimensions):
            raise ValueError(f"the metric {self.name!r} names a dimension twice")
        if len(self.dimensions) > MAX_DIMENSIONS:
            raise ValueError(f"the metric {self.name!r} has more than {MAX_DIMENSIONS} dimensions")


class Interval(StrEnum):
    """How long the pieces of a time series are; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMetric:
    """A metric that can be asked for, and whose it is."""

    name: str
    title: str
    plugin: str
    dimensions: tuple[str, ...]
    funnel: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How often something happened on a day; `labels` are dimensions with their values."""

    day: date
    labels: tuple[tuple[str, str], ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in UTC: from `since` on, `until` is the first day after them."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How often something happened in a piece of time that begins on a day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The points of one value of a dimension; None where it has none, or nothing is grouped."""

    value: str | None
    total: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries:
    """What was asked for, without gaps: the largest series first.

    `others` is how often values occurred that are not shown.
    """

    metric: str
    title: str
    interval: Interval
    period: Period
    group: str | None
    total: int
    series: tuple[Series, ...]
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """A step, and which part of the step before came so far; None where that is nothing."""

    metric: str
    title: str
    count: int
    of_previous: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """The steps of a period, in their order."""

    period: Period
    steps: tuple[FunnelStep, ...]


class Analytics(Protocol):
    """What was counted in the current workspace, or with `deployment` in all of it.

    The deployment's numbers are those of all workspaces and of what belongs to none, such as a
    sign-up. They know no dimension whose values are ids.
    """

    @query()
    def metrics(self, *, deployment: bool = False) -> tuple[KnownMetric, ...]:
        """Return what is measured by modules that are on: the steps of the funnel first."""
        ...

    @query(errors=(MetricNotFound, InvalidAnalyticsQuery))
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
        """Return how often something happened over time, broken down by the dimension `group`.

        `filters` are dimensions and the value that each must have.
        """
        ...

    @query(errors=(InvalidAnalyticsQuery,))
    def funnel(self, period: Period, *, deployment: bool = False) -> Funnel:
        """Return how often each step was taken."""
        ...

    @atomic()
    def count(
        self, metric: str, counts: tuple[DayCount, ...], deployment: tuple[DayCount, ...]
    ) -> None:
        """Add to what was counted in the current workspace, if there is one, and in all."""
        ...

    @atomic()
    def forget(self) -> None:
        """Forget what was counted in the current workspace, if there is one, and in all."""
        ...
