"""The numbers of the active plugins, read at every scrape; who fails costs only its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from meishi.declarations import Metric, MetricKind, Sample
from meishi.lifecycle.metric_names import FAILURES, full_name
from meishi.lifecycle.raised import raised
from meishi.logs import logger
from meishi.monitoring.probe import Asking, Late, Probe, Within

if TYPE_CHECKING:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.core import Metric as Family

    from meishi.lifecycle.contribution import Contribution

#: The label by which all of these say whose they are.
OWNER = "plugin"

#: Seconds that a collector has.
PATIENCE = 2.0

#: Samples of one metric: more are those of a label that names persons, or the like.
MOST = 1000

Samples = tuple[Sample, ...]


class WrongSamples(Exception):
    """A collector yielded what is no sample of its metric; the message says why."""


class Collectors:
    """The metrics of the plugins that are on, and how often each could not be read here."""

    def __init__(
        self,
        enabled: Callable[[], Iterable[Contribution]],
        within: Within,
        *,
        log_level: str,
    ) -> None:
        self._enabled = enabled
        self._within = within
        self._log_level = log_level
        self._lock = threading.Lock()
        self._probes: dict[str, Probe[Samples]] = {}
        self._failures: Counter[tuple[str, str]] = Counter()

    def begin(self) -> Reading:
        """Have all collectors read at once, each in a thread of its own."""
        return Reading(
            self,
            [
                (item.plugin, metric, self._probe(item.plugin, metric).begin())
                for item in self._enabled()
                for metric in item.metrics
            ],
        )

    def note_failure(self, plugin: str, metric: str, reason: str) -> None:
        """Count a metric that could not be read, and log why."""
        with self._lock:
            self._failures[plugin, metric] += 1
        log = logger(self._log_level)
        log.warning("collector_failed", plugin=plugin, metric=metric, reason=reason)

    def failures(self, plugin: str, metric: str) -> int:
        """Return how often a metric could not be read."""
        with self._lock:
            return self._failures[plugin, metric]

    def _probe(self, plugin: str, metric: Metric) -> Probe[Samples]:
        name = full_name(plugin, metric)
        with self._lock:
            if name not in self._probes:
                ask = partial(_samples, metric)
                self._probes[name] = Probe(self._within, plugin, ask)
            return self._probes[name]


class Reading:
    """One reading of all collectors, which is under way."""

    def __init__(
        self, collectors: Collectors, asked: list[tuple[str, Metric, Asking[Samples]]]
    ) -> None:
        self._collectors = collectors
        self._asked = asked

    def collect(self) -> Iterator[Family]:
        """Yield every family, those without samples too; the host's count of failures last."""
        from prometheus_client.core import CounterMetricFamily

        failures = CounterMetricFamily(
            FAILURES, "Times that a metric could not be read.", labels=(OWNER, "metric")
        )
        for plugin, metric, asking in self._asked:
            family = _family(plugin, metric)
            for sample in self._read(plugin, metric, asking):
                family.add_metric([plugin, *sample.labels], sample.value)
            yield family
            name = full_name(plugin, metric)
            failures.add_metric([plugin, name], self._collectors.failures(plugin, name))
        yield failures

    def _read(self, plugin: str, metric: Metric, asking: Asking[Samples]) -> Samples:
        try:
            return asking.answer(PATIENCE)
        except Late:
            reason = f"it took longer than {PATIENCE:g} s"
        except WrongSamples as error:
            reason = str(error)
        except BaseException as error:  # noqa: BLE001 (a failure of this collector alone)
            reason = f"it raised {raised(error)}"
        self._collectors.note_failure(plugin, full_name(plugin, metric), reason)
        return ()


def _family(plugin: str, metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kind = CounterMetricFamily if metric.kind is MetricKind.COUNTER else GaugeMetricFamily
    return kind(full_name(plugin, metric), metric.title, labels=(OWNER, *metric.labels))


def _samples(metric: Metric) -> Samples:
    """Return what a collector yields, or raise `WrongSamples`: one wrong line spoils a scrape."""
    found = metric.collect()
    if not isinstance(found, Iterable):
        raise WrongSamples(f"it must yield Samples, not a {type(found).__qualname__}")
    samples = tuple(islice(found, MOST + 1))
    if len(samples) > MOST:
        raise WrongSamples(f"it yields more than {MOST} samples")
    for fault in filter(None, (_fault(metric, sample) for sample in samples)):
        raise WrongSamples(fault)
    if len({sample.labels for sample in samples}) < len(samples):
        raise WrongSamples("it yields two samples with the same labels")
    return samples


def _fault(metric: Metric, sample: object) -> str:
    """Return what is wrong with a sample, or nothing."""
    if not isinstance(sample, Sample):
        return f"it must yield Samples, not a {type(sample).__qualname__}"
    value: object = sample.value
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"a sample's value must be a number, not {value!r}"
    labels: object = sample.labels
    if not isinstance(labels, tuple) or not all(isinstance(label, str) for label in labels):
        return f"a sample's labels must be a tuple of texts, not {labels!r}"
    if len(labels) != len(metric.labels):
        return f"a sample has {len(labels)} labels, the metric {len(metric.labels)}"
    return ""
