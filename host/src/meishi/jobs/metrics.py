"""The metrics of jobs: what waits, runs and has failed, and how long runs took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meishi.context import current_scope
from meishi.jobs.book import JobBook
from meishi.jobs.operations.queues import QueueStatus, job_workers_alive, list_queues

if TYPE_CHECKING:
    from prometheus_client import Metric

_OUTCOMES = "SELECT job, state, runs, seconds FROM meishi_jobs.outcome ORDER BY job, state"


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How many runs of a job have ended in a state, and the seconds that they took in all."""

    job: str
    state: str
    runs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class JobMeasures:
    """What is measured of jobs, at one moment."""

    queues: tuple[QueueStatus, ...]
    outcomes: tuple[JobOutcome, ...]
    workers: int

    def collect(self) -> Iterator[Metric]:
        """Yield every family, those without samples too."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for name, text, field in (
            ("waiting", "Jobs that wait, for their time or for a worker.", "waiting"),
            ("due", "Jobs that wait for a worker only.", "due"),
            ("running", "Jobs that run.", "running"),
            ("failed", "Jobs that have failed for good, as long as they are kept.", "failed"),
            ("lag_seconds", "How long the oldest job that is due has waited.", "lag_seconds"),
        ):
            gauge = GaugeMetricFamily(f"meishi_jobs_{name}", text, labels=("queue",))
            for queue in self.queues:
                gauge.add_metric([queue.queue], getattr(queue, field))
            yield gauge
        labels = ("job", "state")
        runs = CounterMetricFamily("meishi_jobs_ended", "Jobs that have ended.", labels=labels)
        seconds = CounterMetricFamily(
            "meishi_jobs_seconds", "Seconds that the last attempts of those took.", labels=labels
        )
        for outcome in self.outcomes:
            runs.add_metric([outcome.job, outcome.state], outcome.runs)
            seconds.add_metric([outcome.job, outcome.state], outcome.seconds)
        yield runs
        yield seconds
        yield GaugeMetricFamily(
            "meishi_jobs_workers_alive", "Processes that run jobs.", value=self.workers
        )


def job_measures(book: JobBook) -> JobMeasures:
    """Return what is measured now, in the current unit of work."""
    outcomes = tuple(JobOutcome(*row) for row in current_scope().work.execute(_OUTCOMES))
    return JobMeasures(list_queues(book), outcomes, job_workers_alive())
