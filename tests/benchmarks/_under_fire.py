"""The adversarial run, and how long an event takes when nobody shoots."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks._event_workers import Workers
from tests.benchmarks._ledger import BATCH, SINGLE
from tests.benchmarks._ledger_site import LedgerDeployment, Site, Verdict
from tests.benchmarks._ledger_writers import Tally, Writing
from tests.processes import wait_until

EVENTS = 50_000

#: Seconds between two disturbances, and until all must be handled once the writers are done.
_BETWEEN = (1.0, 5.0)
_PATIENCE = 90.0

#: Events of the run that is about latency, and how many come in a second.
_CALM_EVENTS, _CALM_PER_SECOND = 4_000, 200.0

_SUBSCRIPTIONS = (SINGLE, BATCH)

#: From commit to commit, by the server's own record of when each transaction did.
_LATENCY = """
    SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM
        pg_xact_commit_timestamp(h.xmin) - pg_xact_commit_timestamp(e.xmin)))
    FROM meishi_events.event AS e JOIN bench_ledger.handled AS h
        ON h.account = (e.data ->> 'account')::uuid AND h.number = (e.data ->> 'number')::bigint
    WHERE e.pos > %s AND e.pos <= %s
"""

#: All cursors are leased by a worker that lives.
_LEASED = """
    SELECT count(DISTINCT subscription) = %s AND bool_and(lease_until > clock_timestamp())
    FROM meishi_events.cursor
"""


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Half of all events, and all but one in a hundred, were handled within these."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run, whose events lie behind `first` and up to `last` in the log."""

    first: int
    last: int
    tally: Tally
    verdict: Verdict
    latency: Milliseconds
    workers_killed: int
    workers_started: int
    still_parked: int


def under_fire(bench: LedgerDeployment, site: Site, log: Path) -> Outcome:
    """Write, kill and start, all at random; then let two workers finish what is left."""
    chance = random.Random(2026)
    with bench.pinned_horizon(), Workers(site.environment, log) as workers:
        workers.ensure(2)
        wait_for_lease(site)
        first = site.newest()
        writing = Writing(site.environment, site.accounts(), events=EVENTS)
        while writing.going_on():
            time.sleep(chance.uniform(*_BETWEEN))
            workers.disturb(chance)
        tally = writing.finished()
        workers.ensure(2)
        _wait_for_all(site, tally.events)
        return _outcome(site, tally, workers, first)


def calm(bench: LedgerDeployment, site: Site, log: Path) -> Outcome:
    """Write at an even rate, to one worker that nobody disturbs; the horizon stays pinned."""
    site.reset()
    with bench.pinned_horizon(), Workers(site.environment, log) as workers:
        workers.ensure(1)
        wait_for_lease(site)
        first = site.newest()
        writing = Writing(
            site.environment,
            site.accounts(),
            events=_CALM_EVENTS,
            per_second=_CALM_PER_SECOND,
            single=True,
        )
        tally = writing.finished()
        _wait_for_all(site, tally.events)
        return _outcome(site, tally, workers, first)


def wait_for_lease(site: Site) -> None:
    """Return when workers hold all subscriptions; these hear what is published from then on."""
    wait_until(lambda: bool(site.one(_LEASED, len(_SUBSCRIPTIONS))), "all cursors leased")


def _wait_for_all(site: Site, events: int) -> None:
    """Return when everything is handled; what is missing after a while is lost."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if all(site.heard(name) >= events for name in _SUBSCRIPTIONS):
            return
        time.sleep(0.5)


def _outcome(site: Site, tally: Tally, workers: Workers, first: int) -> Outcome:
    committed, last = site.committed(), site.newest()
    if committed != tally.events:
        raise SystemExit(f"the writers committed {tally.events} events, accounts say {committed}")
    half, most = site.one(_LATENCY, first, last)
    return Outcome(
        first=first,
        last=last,
        tally=tally,
        verdict=site.judged(SINGLE) + site.judged(BATCH),
        latency=Milliseconds(round(half, 1), round(most, 1)),
        workers_killed=workers.killed,
        workers_started=workers.started,
        still_parked=site.one("SELECT count(*) FROM meishi_events.parked"),
    )
