"""How a plugin is: what it checks, and what it measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class HealthStatus(StrEnum):
    """How something is: well, of less use than it should be, or of none."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """What a check found: a `status`, and a `message` of one sentence with what to do."""

    status: HealthStatus
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A question about something that the plugin depends on, asked on the page of health.

    `name` is unique within the plugin; operators read `title`. `check` is called as the plugin's
    code in no workspace. One that raises, or takes longer than `limit_seconds`, is reported as
    failing. An answer is shown for `fresh_seconds` before the check is called again.
    """

    name: str
    title: str
    check: Callable[[], HealthReport]
    limit_seconds: float = 5.0
    fresh_seconds: float = 15.0


class MetricKind(StrEnum):
    """What the values of a metric mean: a total that only grows, or a level."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One `value` of a metric; `labels` are the values of the metric's labels, in their order."""

    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that is read at every scrape, in the words of Prometheus.

    The host puts `meishi_<plugin>_` before `name`, which ends in its unit (`import_bytes`), and in
    `_total` for a counter. `title` is its help text, `kind` says what its values mean. `labels`
    have few values each, and none that names a person or a workspace; the label `plugin` is the
    host's. `collect` is called as the plugin's code in no workspace, and has two seconds.
    """

    name: str
    title: str
    kind: MetricKind
    collect: Callable[[], Iterable[Sample]]
    labels: tuple[str, ...] = ()
