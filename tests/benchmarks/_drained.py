"""How fast a backlog is drained: ours one by one and in batches, and the peer's, the same one.

Our backlog is the events of the adversarial run, once more, in the order of the log; the peer's
are as many jobs with the same keys and numbers, in the same order. A rate is what was handled
after the first tenth, over the time that this took, by the database's clock: starting up does
not count on either side. Nothing pins the horizon here, which the peer would suffer from.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tests.benchmarks._event_workers import Workers
from tests.benchmarks._ledger import BATCH, BATCH_ENTRY, ENTRY, SINGLE, SINGLE_ENTRY, TYPES
from tests.benchmarks._ledger_site import RATE, Site
from tests.benchmarks._procrastinate_peer import Keyed, Peer
from tests.processes import wait_until

from meishi.events.ticks import Ticker

ROUNDS = 3

#: What the peer is tried with, before the best is taken; and for how many seconds each time.
_CONCURRENCIES = (1, 4, 10, 20)
_TRIAL_SECONDS, _PEER_SECONDS = 3.0, 6.0

#: Seconds in which our worker must be done with all.
_PATIENCE = 120.0

#: Jobs of a backlog that is as short as the peer likes it.
_SHORT = 1_000

#: Events that one transaction publishes.
_TOGETHER = 500

_AGAIN = """
    INSERT INTO meishi_events.event
        (id, source, type, version, workspace_id, subject, key, slot, trace, data)
    SELECT gen_random_uuid(), source, %(type)s, version, workspace_id, subject, key, slot, trace,
        data
    FROM meishi_events.event WHERE pos > %(first)s AND pos <= %(last)s AND type = %(entry)s
    ORDER BY pos
"""
_KEYED = """
    SELECT data ->> 'account', (data ->> 'number')::bigint FROM meishi_events.event
    WHERE pos > %s AND pos <= %s AND type = %s ORDER BY pos
"""


@dataclass(slots=True)
class Rates:
    """Events per second, round by round."""

    single: list[float] = field(default_factory=list)
    batch: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    peer_short: list[float] = field(default_factory=list)


class Backlog:
    """What was published between two positions of the log, to be published once more."""

    def __init__(self, site: Site, first: int, last: int) -> None:
        self._site = site
        self._first, self._last = first, last
        values = (first, last, TYPES[ENTRY])
        found = site.administrator.execute(_KEYED, values).fetchall()
        self.keyed: list[Keyed] = [(account, number) for account, number in found]

    def publish(self, event: str) -> None:
        """Publish all of it as another type of event, in many transactions and ticks."""
        ticker = Ticker(self._site.host.within)
        for start in range(self._first, self._last, _TOGETHER):
            values = {
                "type": TYPES[event],
                "entry": TYPES[ENTRY],
                "first": start,
                "last": min(start + _TOGETHER, self._last),
            }
            self._site.administrator.execute(_AGAIN, values)
            ticker.tick()

    def drained(self, subscription: str, event: str, log: Path) -> float:
        """Publish all, let one worker handle it, and return how many it handled per second."""
        site = self._site
        site.administrator.execute("TRUNCATE bench_ledger.handled")
        self.publish(event)
        site.administrator.execute("CHECKPOINT")
        with Workers(site.environment, log) as workers:
            workers.ensure(1)
            self._wait(subscription, workers)
        verdict = site.judged(subscription)
        if verdict.lost or verdict.duplicated or verdict.inversions:
            raise SystemExit(f"{subscription}: {verdict}")
        return float(site.one(RATE.format("bench_ledger.")))

    def _wait(self, subscription: str, workers: Workers) -> None:
        """Return when all is handled; end the benchmark if that takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while (heard := self._site.heard(subscription)) < len(self.keyed):
            if time.monotonic() > deadline:
                missing = len(self.keyed) - heard
                raise SystemExit(f"{subscription} misses {missing}:\n{workers.log_tail()}")
            time.sleep(0.1)


def peer_rate(peer: Peer, jobs: Sequence[Keyed], concurrency: int, seconds: float) -> float:
    """Defer jobs, let the peer's worker do them for a while, and return how many per second."""
    peer.defer(jobs)
    with peer.worker(concurrency):
        wait_until(lambda: peer.done() > 0, "the peer works")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and peer.done() < len(jobs):
            time.sleep(0.1)
    peer.check_order()
    return float(_one(peer.connection, RATE.format("")))


def best_concurrency(peer: Peer, jobs: Sequence[Keyed]) -> int:
    """Return how many jobs at a time the peer is fastest with."""
    rates = {number: peer_rate(peer, jobs, number, _TRIAL_SECONDS) for number in _CONCURRENCIES}
    print("peer", {number: round(rate) for number, rate in rates.items()})
    return max(rates, key=lambda number: rates[number])


def compared(backlog: Backlog, peer: Peer, log: Path) -> Rates:
    """Return the rates of both, in turns."""
    concurrency = best_concurrency(peer, backlog.keyed)
    short = best_concurrency(peer, backlog.keyed[:_SHORT])
    rates = Rates()
    for _ in range(ROUNDS):
        rates.single.append(backlog.drained(SINGLE, SINGLE_ENTRY, log))
        rates.peer.append(peer_rate(peer, backlog.keyed, concurrency, _PEER_SECONDS))
        rates.batch.append(backlog.drained(BATCH, BATCH_ENTRY, log))
        rates.peer_short.append(peer_rate(peer, backlog.keyed[:_SHORT], short, _PEER_SECONDS))
        print(*(f"{rate[-1]:.0f}" for rate in (rates.single, rates.batch)), end=" | ")
        print(*(f"{rate[-1]:.0f}" for rate in (rates.peer, rates.peer_short)))
    return rates


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found[0]
