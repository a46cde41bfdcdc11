"""Whether the log loses, repeats or reorders events when all goes wrong; how fast it is; its price.

On a PostgreSQL of its own that flushes every commit of a business transaction:

- `lost`, `duplicated`, `inversions`: 24 writers (see `_ledger_writers`) commit 50,000 events, a
  transaction in another database pins the horizon, workers and their children are killed (-9) and
  started at random. Two subscriptions hear all, one by one and in batches; what they noted is
  held against the numbers of the accounts. Figures are sums over both.
- `p50_ms`, `p99_ms`: from commit to commit, by the time stamps that the server keeps of both
  transactions, at 200 events a second from 24 writers and with the horizon pinned, while nobody
  shoots. The publisher's own flush is in it. `fire_p50_ms`, `fire_p99_ms` are the same of the
  adversarial run, in which a lease of a killed worker has to run out.
- `single_per_s`, `batch_per_s`: how fast one worker drains those 50,000 events (see `_drained`),
  against `procrastinate_per_s` for as many jobs with the same keys in the same order. The peer's
  look-up of a job takes longer the more are waiting: `procrastinate_short_per_s` is its rate with
  1,000 of them.
- `publish_overhead_percent`: what one event costs a PATCH over HTTP (see `_publish_overhead`).
"""

from __future__ import annotations

import json
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks._drained import Backlog, Rates, compared
from tests.benchmarks._ledger_site import RECORDING, deployment
from tests.benchmarks._procrastinate_peer import Peer
from tests.benchmarks._publish_overhead import publish_overhead
from tests.benchmarks._under_fire import Outcome, calm, under_fire

AT_MOST = {"lost": 0, "duplicated": 0, "inversions": 0, "publish_overhead_percent": 15.0}
AT_LEAST = {"single_vs_procrastinate": 8.0, "batch_vs_procrastinate": 100.0}

Figures = dict[str, float]


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    figures: Figures = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
        log = folder / "workers.log"
        bench = stack.enter_context(deployment(folder, RECORDING))
        site = bench.site()
        fire = under_fire(bench, site, log)
        figures |= of_fire(fire)
        print(fire)
        peer = Peer(stack.enter_context(bench.empty_database()))
        figures |= of_rates(compared(Backlog(site, fire.first, fire.last), peer, log))
        peer.connection.close()
        undisturbed = calm(bench, site, log)
        print(undisturbed)
        figures |= {"p50_ms": undisturbed.latency.p50, "p99_ms": undisturbed.latency.p99}
        microseconds, percent = publish_overhead(site)
        figures["publish_overhead_us"] = round(microseconds)
        figures["publish_overhead_percent"] = round(percent, 1)
    report(figures)


def of_fire(outcome: Outcome) -> Figures:
    """Return the figures of the adversarial run."""
    return {
        "events": outcome.tally.events,
        "transactions_undone": outcome.tally.undone,
        "workers_killed": outcome.workers_killed,
        "workers_started": outcome.workers_started,
        "lost": outcome.verdict.lost,
        "duplicated": outcome.verdict.duplicated,
        "inversions": outcome.verdict.inversions,
        "still_parked": outcome.still_parked,
        "fire_p50_ms": outcome.latency.p50,
        "fire_p99_ms": outcome.latency.p99,
    }


def of_rates(rates: Rates) -> Figures:
    """Return medians of the rates, and of the ratios of each round."""
    ratios = {
        "single_vs_procrastinate": (rates.single, rates.peer),
        "batch_vs_procrastinate": (rates.batch, rates.peer),
        "single_vs_procrastinate_short": (rates.single, rates.peer_short),
        "batch_vs_procrastinate_short": (rates.batch, rates.peer_short),
    }
    return {
        "single_per_s": round(statistics.median(rates.single)),
        "batch_per_s": round(statistics.median(rates.batch)),
        "procrastinate_per_s": round(statistics.median(rates.peer)),
        "procrastinate_short_per_s": round(statistics.median(rates.peer_short)),
    } | {
        name: round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 1)
        for name, (ours, theirs) in ratios.items()
    }


def report(figures: Figures) -> None:
    """Print the figures, and whether all targets are met."""
    holds = all(figures[name] <= most for name, most in AT_MOST.items()) and all(
        figures[name] >= least for name, least in AT_LEAST.items()
    )
    targets = AT_MOST | AT_LEAST
    document = {"benchmark": "events", "figures": figures, "targets": targets, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
