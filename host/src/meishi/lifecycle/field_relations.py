"""What fields of a declaration say about each other, where each is right by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from meishi.declarations import (
    Aggregation,
    DeliveryMode,
    EventHandler,
    Job,
    Meter,
    Metric,
    MetricKind,
    Permission,
    PlanFeature,
    PluginSettings,
    PublicPage,
    ReplayPolicy,
    Subscription,
)
from meishi.lifecycle.job_signature import job_faults
from meishi.lifecycle.plugin_settings import settings_faults


def _event_handler(declared: EventHandler) -> Iterator[str]:
    if (declared.mode is DeliveryMode.DURABLE) != (declared.subscription is not None):
        yield "`subscription` belongs to a durable handler, and to no other; use on(…)"


def _subscription(declared: Subscription) -> Iterator[str]:
    if (declared.replay is ReplayPolicy.REBUILD) != (declared.reset is not None):
        yield "`reset` belongs to a subscription with `replay` 'rebuild', and to no other"


def _public_page(declared: PublicPage) -> Iterator[str]:
    if declared.resolve is not None and not {*declared.methods} <= {"GET", "POST"}:
        yield "`methods` of a page with `resolve` are GET, and POST if it takes a form"


def _permission(declared: Permission) -> Iterator[str]:
    if declared.operators and declared.roles:
        yield "`roles` must be empty where `operators` have the right: no role has it then"


def _plan_feature(declared: PlanFeature) -> Iterator[str]:
    if isinstance(declared.default, bool) == bool(declared.unit):
        yield "`unit` belongs to a limit, and to no switch"


def _meter(declared: Meter) -> Iterator[str]:
    if (declared.aggregation is Aggregation.SUM) != (declared.measure is None):
        yield "`measure` belongs to a level (`maximum`, `last`), and to no sum"


def _metric(declared: Metric) -> Iterator[str]:
    if (declared.kind is MetricKind.COUNTER) != declared.name.endswith("_total"):
        yield "`name` of a counter ends in `_total`, and no other does"
    taken = sorted({"plugin", "le", "quantile"} & {*declared.labels})
    if taken:
        yield f"`labels` holds {taken[0]!r}, which the host or Prometheus sets"
    if len({*declared.labels}) < len(declared.labels):
        yield "`labels` holds one twice"


#: Yields one sentence for each thing that cannot be, by the class of the declaration.
TOGETHER: Mapping[type, Callable[[Any], Iterator[str]]] = {
    EventHandler: _event_handler,
    Job: job_faults,
    Meter: _meter,
    Metric: _metric,
    Permission: _permission,
    PlanFeature: _plan_feature,
    PluginSettings: settings_faults,
    PublicPage: _public_page,
    Subscription: _subscription,
}
