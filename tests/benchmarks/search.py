"""How long it takes to find somebody among a million contacts of five workspaces.

MEISHI_BENCH_CONTACTS contacts (1,000,000 unless it is set), as many in each workspace, of which the
first is asked; with MEISHI_BENCH_SHARES=4,1,1,1,1 half of all are in that one. They are written as
an import writes them in bulk, but without events and history; then the planner's statistics are
renewed, as the server does by itself. That takes half an hour: with MEISHI_BENCH_HOME they are kept
in that folder, and found there the next time.

Each figure is the time of a whole unit of work, with its transaction, in which a service is asked
through its contract, in this process, as the plugin's own role and under row security; what HTTP
costs is a matter of another benchmark. `lists`: the first page of 50 by each filter and sort, and
pages further on. `searches`: what `q=` stands for. `delta`: what has changed since a contact was.
`duplicate_check`: who may be the same as a contact that was just written. `create` is the writing
itself, and `total` a page with the number of all, which have no target.

Each kind is asked about 200 people, and about the same ones again: `p50_ms` and `p95_ms` are of all
answers, `quiet_p95_ms` of the quicker one for each, as what else runs here delays the other.
`cpu_p95_ms` is how long processors were at work for an answer, here and in the database: what it
takes where nothing else runs and nothing is read from a disk. Of some of the people it is seen that
each list has them, or has not; `found` is the share of them whom each search finds, on any page.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from tests.benchmarks._many_contacts import Book, fill, founded, hosted
from tests.benchmarks._questioner import TIMES, Questioner, Rounds
from tests.benchmarks._sizes import bench_home, contacts, shares

from meishi.database.location import Location, locate
from meishi.settings import load_settings

CONTACTS = 1_000_000
SHARES = (1, 1, 1, 1, 1)
TARGETS = {"searches": 20.0, "lists": 10.0, "delta": 10.0, "duplicate_check": 30.0}
_INDEXES = """
    SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
    WHERE schemaname = 'crm_contacts' AND pg_relation_size(indexrelid) > 16384 ORDER BY 2 DESC
"""
_TABLES = """
    SELECT sum(pg_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = 'crm_contacts'
"""


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    wanted = shares(SHARES)
    sizes = [contacts(CONTACTS) * share // sum(wanted) for share in wanted]
    with bench_home() as home:
        report(measured(home, sizes), sizes)


def measured(home: Path, sizes: Sequence[int], *, times: int = TIMES) -> dict[str, Any]:
    """Return all figures of workspaces with so many contacts; they may be there already."""
    location = locate(load_settings(overrides={"home": str(home)}))
    try:
        filled = _filled(home, sizes, location)
        with hosted(home) as host:
            return filled.figures | answered(Questioner(host, filled.books[0], times=times))
    finally:
        location.close()


@dataclass(frozen=True, slots=True)
class Filled:
    """The workspaces of a data folder, and what was measured when they were filled."""

    books: list[Book]
    figures: dict[str, Any]


def _filled(home: Path, sizes: Sequence[int], location: Location) -> Filled:
    """Return the workspaces of a data folder, which are filled unless they are."""
    note = home / "filled.json"
    if note.exists():
        found = msgspec.json.decode(note.read_bytes(), type=Filled)
        if [book.size for book in found.books] != list(sizes):
            raise SystemExit(f"{home} has other contacts than are wanted; choose another folder")
        return found
    with hosted(home) as host:
        books = founded(host, sizes)
    begun = time.perf_counter()
    fill(home, books)
    seconds = time.perf_counter() - begun
    print(f"{sum(sizes)} contacts written in {seconds:.0f} s")
    made = Filled(books, {"written_per_s": round(sum(sizes) / seconds), **stored(location)})
    note.write_bytes(msgspec.json.encode(made))
    return made


def stored(location: Location) -> dict[str, Any]:
    """Renew what the planner knows; return how large tables and indexes are, in octets."""
    url = location.administrator_url().replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
        indexes: dict[str, int] = dict(admin.execute(_INDEXES).fetchall())
        (tables,) = admin.execute(_TABLES).fetchone() or (0,)
    return {"table_bytes": int(tables), "index_bytes": indexes}


def answered(questioner: Questioner) -> dict[str, Any]:
    """Return figures of all kinds of questions, by group and kind."""
    found: dict[str, Any] = {
        "lists": dict(map(_quantiles, questioner.listed())),
        "searches": dict(map(_quantiles, questioner.searched())),
        "found": questioner.shares(),
    }
    creating, checking = questioner.written()
    single = {
        "delta": questioner.changed(),
        "duplicate_check": checking,
        "create": creating,
        "total": questioner.counted(),
    }
    found |= dict(map(_quantiles, single.items()))
    for group in ("lists", "searches"):
        slowest = max(found[group], key=lambda name: found[group][name]["p95_ms"])
        found[f"{group}_most"] = {"kind": slowest, **found[group][slowest]}
    return found


def _quantiles(item: tuple[str, Rounds]) -> tuple[str, dict[str, float]]:
    name, rounds = item
    answers = [taken for found in rounds for taken in found]
    seconds = [taken[0] for taken in answers]
    quiet = [min(found)[0] for found in zip(*rounds, strict=True)]
    figures = {
        "p50_ms": statistics.median(seconds),
        "p95_ms": _p95(seconds),
        "quiet_p95_ms": _p95(quiet),
        "cpu_p95_ms": _p95([taken[1] for taken in answers]),
    }
    found = {key: round(1000 * value, 2) for key, value in figures.items()}
    print(f"{name}: {found}", flush=True)
    return name, found


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def report(figures: dict[str, Any], sizes: Sequence[int]) -> None:
    """Print what was measured, and whether it is quick enough."""
    most = {name: figures.get(f"{name}_most", figures[name])["p95_ms"] for name in TARGETS}
    document = {
        "benchmark": "search",
        "contacts": sum(sizes),
        "workspaces": list(sizes),
        "load": os.getloadavg()[0],
        "figures": figures,
        "p95_ms": most,
        "targets": TARGETS,
        "holds": all(most[name] <= target for name, target in TARGETS.items()),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
