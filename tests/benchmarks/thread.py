"""How long it takes until everything is there that follows from an import, against it alone.

20,000 cards come in over HTTP, once with the contact service alone, once with one more service (and
what that needs), once with all. An import is over when its operation is; what follows from it, when
no subscription is behind and no job waits or runs. A round is one of each, in a system of its own;
a service's share is what it adds, by itself, of what all add. There is no target yet. The graph is
drawn two seconds after it has changed, and not a minute, which would be measured instead.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.benchmarks._address_books import address_book
from tests.benchmarks._import_server import PAUSE, new_token, serving

from meishi.command.deployment import Deployment
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.operations.status import SubscriptionStatuses
from meishi.host import Host
from meishi.jobs.models import DB_SCHEMA as JOBS

ROUNDS = 3
CONTACTS = 20_000
ALONE = ("crm_contacts",)
ALL = ("crm_contacts", "crm_enrichment", "crm_graph", "crm_viral", "qr")
#: What is added one at a time; the viral engine does nothing when contacts come in without cards.
ADDED = ("crm_enrichment", "crm_graph", "qr", "crm_viral")
#: Jobs of all services that are due or running; those for later are nobody's debt.
_BUSY = """
    SELECT count(*) FROM meishi_jobs.procrastinate_jobs
    WHERE status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) < now() + '1 min')
"""


def seconds_until_all_is_there(book: bytes, plugins: tuple[str, ...]) -> tuple[float, float]:
    """Return the seconds of an import, and those until nothing is left to be done."""
    chosen = {"MEISHI_PLUGINS": ",".join(plugins)}
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
        home = Path(folder)
        token = new_token(home)
        chosen |= {"MEISHI_PLUGIN__CRM_GRAPH__DRAW_DELAY_SECONDS": "2"}
        environment = {"MEISHI_HOME": folder, **chosen}
        with (
            serving(home, token, **chosen) as api,
            closing(Deployment(None, environment=environment)) as deployment,
        ):
            host = deployment.host()
            while not (has_worker(host) and is_done(host)):
                time.sleep(PAUSE)
            started = time.perf_counter()
            check(api.imported(book))
            imported = time.perf_counter() - started
            while not is_done(host):
                time.sleep(PAUSE)
            return imported, time.perf_counter() - started


def has_worker(host: Host) -> bool:
    """Whether a process is there that runs jobs."""
    with host.within(JOBS) as scope:
        ((workers,),) = scope.work.execute("SELECT count(*) FROM meishi_jobs.procrastinate_workers")
    return bool(workers)


def is_done(host: Host) -> bool:
    """Whether every subscription has had everything, and no job is due."""
    with host.within(EVENTS):
        if any(item.lag_events for item in SubscriptionStatuses(host.statuses()).all()):
            return False
    with host.within(JOBS) as scope:
        ((busy,),) = scope.work.execute(_BUSY)
    return not busy


def check(done: dict[str, Any]) -> None:
    """End the benchmark if an import did something else."""
    if done["counts"]["created"] != CONTACTS:
        raise SystemExit(f"expected {CONTACTS} contacts: {done['counts']}")


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    book = address_book(CONTACTS)
    kinds = {"alone": ALONE, **{name: _with(name) for name in ADDED}, "all": ALL}
    ends: dict[str, list[float]] = {kind: [] for kind in kinds}
    ratios: list[float] = []
    for _ in range(ROUNDS):
        for kind, plugins in kinds.items():
            imported, end = seconds_until_all_is_there(book, plugins)
            ends[kind].append(end)
            print(f"{kind}: import {imported:.2f} s, everything {end:.2f} s")
        ratios.append(ends["alone"][-1] / ends["all"][-1])
    report({kind: statistics.median(found) for kind, found in ends.items()}, ratios)


def _with(name: str) -> tuple[str, ...]:
    return (*ALONE, "qr", name) if name == "crm_viral" else (*ALONE, name)


def report(ends: dict[str, float], ratios: list[float]) -> None:
    """Print medians of the rounds."""
    added = {name: max(0.0, ends[name] - ends["alone"]) for name in ADDED}
    total = sum(added.values()) or 1.0
    figures = {
        "end_to_end_per_s": round(CONTACTS / ends["all"]),
        "import_alone_per_s": round(CONTACTS / ends["alone"]),
        "ratio_to_import_alone": round(statistics.median(ratios), 3),
        **{f"share_{name}": round(seconds / total, 3) for name, seconds in added.items()},
    }
    print(json.dumps({"benchmark": "thread", "figures": figures, "targets": {}, "holds": True}))


if __name__ == "__main__":
    main()
