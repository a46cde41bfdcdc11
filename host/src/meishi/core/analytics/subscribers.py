"""What analytics hears: the events of every metric, in batches, each counted on its day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from meishi.core.analytics.contract import Analytics, DayCount, Metric
from meishi.sdk.context import service
from meishi.sdk.contract import Event
from meishi.sdk.events import envelope
from meishi.sdk.plugin import EventHandler, ReplayPolicy, Subscription, on

#: A value is cut behind so many characters: it is a part of an index entry.
MAX_VALUE = 100

_Labels = tuple[tuple[str, str], ...]


def forget_counts() -> None:
    """Empty what was counted, before it is counted anew."""
    service(Analytics).forget()


#: One place in the log for all metrics: they are counted, and built up again, together.
ROLL_UPS = Subscription(name="roll-ups", replay=ReplayPolicy.REBUILD, reset=forget_counts)


def listen_to(metric: Metric) -> EventHandler:
    """Return how the events of a metric are heard."""
    return on(metric.event, partial(count_events, metric), subscription=ROLL_UPS)


def count_events(metric: Metric, events: Sequence[Event]) -> None:
    """Count events on the days, in UTC, on which the log got them."""
    own: Counter[tuple[date, _Labels]] = Counter()
    shared: Counter[tuple[date, _Labels]] = Counter()
    for event in events:
        day = envelope(event).time.astimezone(UTC).date()
        own[day, tuple(_labels(metric, event, ids=True))] += 1
        shared[day, tuple(_labels(metric, event, ids=False))] += 1
    service(Analytics).count(metric.name, _day_counts(own), _day_counts(shared))


def _labels(metric: Metric, event: Event, *, ids: bool) -> Iterator[tuple[str, str]]:
    for name in sorted(metric.dimensions):
        value: Any = getattr(event, name)
        if value is not None and (ids or not isinstance(value, UUID)):
            yield name, str(value.value if isinstance(value, Enum) else value)[:MAX_VALUE]


def _day_counts(found: Counter[tuple[date, _Labels]]) -> tuple[DayCount, ...]:
    return tuple(
        DayCount(day=day, labels=labels, count=count) for (day, labels), count in found.items()
    )
