"""The metrics of event delivery in the text format of Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from meishi.events.latency import BOUNDS
from meishi.events.operations.alarms import AlarmKind
from meishi.events.operations.measures import Measures
from meishi.events.operations.places import CursorPlace
from meishi.events.operations.status import PARKED_STATES, ParkedCounts

if TYPE_CHECKING:
    from prometheus_client import Metric

_BY_SUBSCRIPTION = ("subscription",)


class Collected(Protocol):
    """What yields metrics of another part of the host."""

    def collect(self) -> Iterable[Metric]:
        """Yield every family."""
        ...


def exposition(measures: Measures, *others: Collected) -> tuple[bytes, str]:
    """Return the text that Prometheus scrapes, and its content type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(measures))
    for other in others:
        registry.register(other)
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Collector:
    """Turns measures into metric families."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        places: dict[str, list[CursorPlace]] = defaultdict(list)
        for place in measures.places:
            places[place.subscription].append(place)
        self._places = {name: places[name] for name in measures.states}

    def collect(self) -> Iterator[Metric]:
        """Yield every family, those without samples too."""
        yield from self._of_cursors()
        yield from self._of_backlog()
        yield from self._of_deployment()

    def _of_cursors(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily

        yield _gauge(
            "lag_events",
            "Upper bound of the events that the slowest slot has not had yet.",
            {name: max((p.lag_events for p in found), default=0)
             for name, found in self._places.items()},
        )  # fmt: skip
        yield _gauge(
            "lag_seconds",
            "Age of the oldest tick that the slowest slot has not passed.",
            {name: max((p.lag_seconds for p in found), default=0.0)
             for name, found in self._places.items()},
        )  # fmt: skip
        delivered = CounterMetricFamily(
            "meishi_events_delivered", "Events delivered.", labels=_BY_SUBSCRIPTION
        )
        for name, found in self._places.items():
            delivered.add_metric([name], sum(place.delivered for place in found))
        yield delivered
        yield self._latency()

    def _latency(self) -> Metric:
        from prometheus_client.core import HistogramMetricFamily

        family = HistogramMetricFamily(
            "meishi_events_delivery_latency_seconds",
            "Seconds from an event to the commit of its effects.",
            labels=_BY_SUBSCRIPTION,
        )
        for name, found in self._places.items():
            seconds = sum(place.latency_seconds for place in found)
            family.add_metric([name], _buckets(found), sum_value=seconds)
        return family

    def _of_backlog(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        parked = GaugeMetricFamily(
            "meishi_events_parked", "Parked events by state.", labels=("subscription", "state")
        )
        for name in self._measures.states:
            counts = self._measures.parked.get(name, ParkedCounts())
            for state in PARKED_STATES:
                parked.add_metric([name, state], getattr(counts, state))
        yield parked
        yield _gauge(
            "backfill_workspaces",
            "Workspaces whose past is still to be read.",
            {name: self._measures.backfills.get(name, 0) for name in self._measures.states},
        )
        yield _gauge(
            "gap_workspaces",
            "Workspaces that are paused or catching up.",
            {name: self._measures.gaps.get(name, 0) for name in self._measures.states},
        )
        yield _gauge(
            "paused",
            "1 for a subscription that an operator has paused.",
            {name: int(state == "paused") for name, state in self._measures.states.items()},
        )

    def _of_deployment(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        log = self._measures.log
        for name, text, value in (
            ("log_positions", "Positions that the log spans.", log.positions),
            ("log_partitions", "Partitions of the log, the default one included.", log.partitions),
            ("log_oldest_seconds", "Age of the oldest event.", log.oldest_seconds or 0.0),
            ("tick_age_seconds", "Age of the newest tick; none is made while nothing happens.",
             log.tick_seconds),
            ("workers_alive", "Worker processes heard of lately.", self._measures.workers),
        ):  # fmt: skip
            yield GaugeMetricFamily(f"meishi_events_{name}", text, value=value)
        yield CounterMetricFamily("meishi_events_ticks", "Ticks stored.", value=log.ticks)
        alarm = GaugeMetricFamily(
            "meishi_events_alarm", "Things of a kind that need a person.", labels=("kind",)
        )
        found = self._measures.alarms_by_kind()
        for kind in AlarmKind:
            alarm.add_metric([kind.value], found.get(kind.value, 0))
        yield alarm


def _gauge(name: str, text: str, values: Mapping[str, float]) -> Metric:
    """Return a gauge with a value for each subscription."""
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"meishi_events_{name}", text, labels=_BY_SUBSCRIPTION)
    for subscription, value in values.items():
        family.add_metric([subscription], value)
    return family


def _buckets(places: list[CursorPlace]) -> list[tuple[str, float]]:
    """Return the accumulated counts per upper bound over all slots.

    A count by other bounds than today's, of an older release, is left out: a scraper takes that
    for the restart of a counter.
    """
    bounds = [*(repr(bound) for bound in BOUNDS), "+Inf"]
    counts = [place.latency for place in places if len(place.latency) == len(bounds)]
    total = 0
    buckets: list[tuple[str, float]] = []
    for number, bound in enumerate(bounds):
        total += sum(found[number] for found in counts)
        buckets.append((bound, total))
    return buckets
