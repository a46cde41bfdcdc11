"""Whether delivery and ticks stay as fast and cheap while the log grows.

Four databases of one cluster hold 10^4 to 5·10^6 old events, in up to 30 partitions with as many
ticks as there were transactions. In each, and in turn:

- `batch_per_s`: how fast a worker drains 20,000 fresh events in batches;
- `tick_ms`: how long the real ticker takes to store a tick, with one new event before each;
- `tick_15_cpu_ms`: what a tick costs with 15 more subscriptions: processor time of the worker and
  of its connections, for each tick with one event that all 15 want. `tick_15_others_cpu_ms` is
  the same with an event that none of them wants.

`…_spread_percent` is how much the worst of the four sizes is behind the best, by medians of
rounds. The worker runs in a thread of this process, so that no round waits for one to start.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.benchmarks._ledger import BATCH, BATCH_ENTRY, ENTRY, SINGLE_ENTRY
from tests.benchmarks._ledger_site import RATE, Site, deployment
from tests.benchmarks._log_filling import GrowingLog
from tests.processes import wait_until

from meishi.events.worker import DeliveryWorker

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
ROUNDS = 5
ONLOOKERS = 15
MOST_SPREAD = 20.0

#: Events that are drained, and that one transaction publishes.
_FRESH, _TOGETHER = 20_000, 500

#: Ticks that are timed, and those whose processor time is measured, with the pause between them.
_TIMED, _COUNTED, _PAUSE = 60, 120, 0.02

_SUBSCRIPTIONS = f"""
    batch = Subscription(name="{BATCH}", batch=500)
    onlookers = [Subscription(name=f"onlooker_{{n}}") for n in range({ONLOOKERS})]
    return [
        on(BatchEntryMade, on_batch, subscription=batch),
        *(on(EntryMade, look_on, subscription=onlooker) for onlooker in onlookers),
    ]
"""
_HEARD = (ENTRY, BATCH_ENTRY)

#: All cursors are leased, and stand at the newest tick.
_AT_REST = """
    SELECT count(*) = %s AND bool_and(c.owner IS NOT NULL AND newest.tick =
        (SELECT max(id) FROM meishi_events.tick))
    FROM meishi_events.cursor AS c, LATERAL (
        SELECT tick FROM meishi_events.progress AS p
        WHERE p.subscription = c.subscription AND p.slot = c.slot ORDER BY seq DESC LIMIT 1
    ) AS newest
"""

#: Connections of the runtime login; the administrator's is not among them.
_CONNECTIONS = """
    SELECT array_agg(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename <> current_user
"""

Measures = dict[str, float]


class Unwatched:
    """Lets handlers take as long as they like."""

    def calling(self, label: str, limit_seconds: float) -> AbstractContextManager[None]:
        """Watch nothing."""
        del label, limit_seconds
        return nullcontext()


@contextmanager
def working(site: Site) -> Iterator[None]:
    """Run a worker in a thread until the block ends; at first all its cursors are at rest."""
    stop = threading.Event()
    worker = DeliveryWorker(site.host, worker_id=site.host.new_id(), threads=1, watch=Unwatched())
    thread = threading.Thread(target=worker.run, args=[stop], daemon=True)
    thread.start()
    try:
        wait_until(lambda: bool(site.one(_AT_REST, 1 + ONLOOKERS)), "all cursors at rest")
        yield
    finally:
        stop.set()
        thread.join(30)


def batch_rate(log: GrowingLog) -> float:
    """Return how many fresh events per second a worker handles."""
    log.site.administrator.execute("TRUNCATE bench_ledger.handled")
    log.store(_FRESH, BATCH_ENTRY, together=_TOGETHER)
    with working(log.site):
        wait_until(lambda: log.site.heard(BATCH) == _FRESH, "fresh events handled")
    return float(log.site.one(RATE.format("bench_ledger.")))


def tick_seconds(log: GrowingLog) -> float:
    """Return the median time that a tick takes."""
    found = []
    for _ in range(_TIMED):
        log.store_one(ENTRY)
        started = time.perf_counter()
        assert log.ticker.tick() is not None
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def processor_seconds(site: Site, event: str, log: GrowingLog) -> float:
    """Return what a tick with one event costs the worker and its connections."""
    ticks = "SELECT count(*) FROM meishi_events.tick"
    before, spent = int(site.one(ticks)), _spent(site)
    for _ in range(_COUNTED):
        log.store_one(event)
        time.sleep(_PAUSE)
    wait_until(lambda: bool(site.one(_AT_REST, 1 + ONLOOKERS)), "all cursors at rest")
    return (_spent(site) - spent) / (int(site.one(ticks)) - before)


def _spent(site: Site) -> float:
    """Return the processor time of the worker's threads and connections up to now."""
    others = sum(
        int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
        for pid in site.one(_CONNECTIONS)
    )
    return time.process_time() - time.thread_time() + others / 1e9


def measured(log: GrowingLog) -> Measures:
    """Return what one round finds at one size."""
    found = {"batch_per_s": batch_rate(log), "tick_ms": 1e3 * tick_seconds(log)}
    with working(log.site):
        found["tick_15_cpu_ms"] = 1e3 * processor_seconds(log.site, ENTRY, log)
        found["tick_15_others_cpu_ms"] = 1e3 * processor_seconds(log.site, SINGLE_ENTRY, log)
    return found


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    rounds: dict[int, list[Measures]] = {size: [] for size in SIZES}
    with (
        tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder,
        deployment(Path(folder), _SUBSCRIPTIONS, heard=_HEARD) as bench,
    ):
        logs: dict[int, GrowingLog] = {}
        for size in SIZES:
            started = time.monotonic()
            logs[size] = GrowingLog(bench.site())
            logs[size].fill(size)
            print(f"{size} events stored in {time.monotonic() - started:.0f} s")
            with working(logs[size].site):
                pass  # registers the subscriptions, which begin here
        for _ in range(ROUNDS):
            for size, log in logs.items():
                rounds[size].append(measured(log))
                print(size, {name: round(value, 2) for name, value in rounds[size][-1].items()})
    report(rounds)


def report(rounds: dict[int, list[Measures]]) -> None:
    """Print medians for each size, and how far these lie apart."""
    figures: dict[str, float] = {}
    for name in rounds[SIZES[0]][0]:
        medians = {
            size: statistics.median(one[name] for one in found) for size, found in rounds.items()
        }
        figures |= {f"{name}_at_{size}": round(value, 3) for size, value in medians.items()}
        spread = (max(medians.values()) / min(medians.values()) - 1) * 100
        figures[f"{name}_spread_percent"] = round(spread, 1)
    targets = {name: MOST_SPREAD for name in figures if name.endswith("_spread_percent")}
    holds = all(figures[name] <= most for name, most in targets.items())
    document = {"benchmark": "log_growth", "figures": figures, "targets": targets, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
