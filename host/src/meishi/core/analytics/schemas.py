"""Analytics over HTTP: what can be asked for, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marshmallow import fields, validate

from meishi.core.analytics.contract import Interval
from meishi.sdk.http import ResourceSchema

_MAX_VALUE = 200
_FILTER = "filter__"
#: Further away calendars end, and nothing was counted.
_DAYS = validate.Range(date(2000, 1, 1), date(2999, 12, 31))


class AnalyticsPeriodQuerySchema(ResourceSchema):
    """Days in UTC, both included: the last thirty if nothing is said."""

    since = fields.Date(data_key="from", validate=_DAYS, metadata={"example": "2026-11-01"})
    until = fields.Date(data_key="to", validate=_DAYS, metadata={"example": "2026-11-30"})


class AnalyticsSeriesQuerySchema(AnalyticsPeriodQuerySchema):
    """A time series: `series_query_schema` adds the filters of a metric."""

    interval = fields.Enum(Interval, by_value=True, load_default=Interval.DAY)
    group = fields.String(load_default=None, validate=validate.Length(1, _MAX_VALUE))


def series_query_schema(dimensions: Sequence[str]) -> AnalyticsSeriesQuerySchema:
    """Return the schema of the query for a metric with these dimensions."""
    members: dict[str, Any] = {
        f"{_FILTER}{name}": fields.String(
            data_key=f"filter[{name}][eq]", validate=validate.Length(1, _MAX_VALUE)
        )
        for name in dimensions
    }
    made: type[AnalyticsSeriesQuerySchema] = type(
        "AnalyticsSeriesQuerySchema", (AnalyticsSeriesQuerySchema,), members
    )
    return made()


def filters_of(query: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the dimensions of a loaded query, and the values that they must have."""
    return tuple(
        (name.removeprefix(_FILTER), value)
        for name, value in query.items()
        if name.startswith(_FILTER)
    )


class AnalyticsMetricSchema(ResourceSchema):
    """What is measured."""

    name = fields.String(required=True, metadata={"example": "scans"})
    title = fields.String(required=True, metadata={"example": "Scans"})
    plugin = fields.String(required=True, metadata={"example": "qr"})
    dimensions = fields.List(
        fields.String(), required=True, metadata={"example": ["channel", "device_class"]}
    )
    funnel = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Its place in the funnel."}
    )


class AnalyticsMetricListSchema(ResourceSchema):
    """All metrics, the steps of the funnel first."""

    items = fields.List(fields.Nested(AnalyticsMetricSchema), required=True)


class AnalyticsPointSchema(ResourceSchema):
    """How often, in a piece of time that begins on a day."""

    day = fields.Date(required=True)
    count = fields.Integer(required=True)


class AnalyticsSeriesSchema(ResourceSchema):
    """The points of one value of the dimension that is grouped by."""

    value = fields.String(required=True, allow_none=True, metadata={"example": "mobile"})
    total = fields.Integer(required=True)
    points = fields.List(fields.Nested(AnalyticsPointSchema), required=True)


class _PeriodSchema(ResourceSchema):
    since = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True, data_key="to")


class AnalyticsTimeSeriesSchema(_PeriodSchema):
    """A metric over time, without gaps; the largest series first."""

    metric = fields.String(required=True, metadata={"example": "scans"})
    title = fields.String(required=True, metadata={"example": "Scans"})
    interval = fields.Enum(Interval, by_value=True, required=True)
    group = fields.String(required=True, allow_none=True, metadata={"example": "device_class"})
    total = fields.Integer(required=True)
    series = fields.List(fields.Nested(AnalyticsSeriesSchema), required=True)
    others = fields.Integer(
        required=True, metadata={"description": "Of values beyond the twenty most frequent ones."}
    )


class AnalyticsFunnelStepSchema(ResourceSchema):
    """A step, and which part of the step before came so far."""

    metric = fields.String(required=True, metadata={"example": "views"})
    title = fields.String(required=True, metadata={"example": "Views"})
    count = fields.Integer(required=True)
    of_previous = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Null at the first step, and behind one that nobody took."},
    )


class AnalyticsFunnelSchema(_PeriodSchema):
    """How often each step was taken."""

    steps = fields.List(fields.Nested(AnalyticsFunnelStepSchema), required=True)


RESOURCES = (
    AnalyticsMetricSchema,
    AnalyticsMetricListSchema,
    AnalyticsPointSchema,
    AnalyticsSeriesSchema,
    AnalyticsTimeSeriesSchema,
    AnalyticsFunnelStepSchema,
    AnalyticsFunnelSchema,
)
