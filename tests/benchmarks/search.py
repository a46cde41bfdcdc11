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
takes where nothing else runs and nothing is read from a disk. What is found is looked at, too.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from tests.benchmarks._contact_questions import (
    FINDING,
    LISTS,
    SEARCHES,
    Asked,
    Question,
    somebody,
)
from tests.benchmarks._many_contacts import PLUGIN, Book, fill, founded, hosted
from tests.benchmarks._people import person
from tests.benchmarks._sizes import bench_home, contacts, shares

from crm_contacts.contract import ContactChanges, ContactDocuments, Contacts, Duplicates
from meishi.database.location import Location, locate
from meishi.host import Host
from meishi.sdk.contract import ChangeQuery, ListQuery
from meishi.sdk.database import execute
from meishi.settings import load_settings

CONTACTS, TIMES, ROUNDS = 1_000_000, 200, 2
SHARES = (1, 1, 1, 1, 1)
TARGETS = {"searches": 20.0, "lists": 10.0, "delta": 10.0, "duplicate_check": 30.0}
_INDEXES = """
    SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
    WHERE schemaname = 'crm_contacts' AND pg_relation_size(indexrelid) > 16384 ORDER BY 2 DESC
"""
_TABLES = """
    SELECT sum(pg_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = 'crm_contacts'
"""

#: Seconds that an answer took, and those of processors; of the same people, round by round.
Taken = tuple[float, float]
Rounds = list[list[Taken]]


class Questioner:
    """Asks the contact service about the people of one workspace."""

    def __init__(self, host: Host, book: Book, *, times: int = TIMES) -> None:
        self._host = host
        self._book = book
        self._times = times
        with host.scope(workspace=book.workspace, plugin=PLUGIN):
            ((self._backend,),) = execute("SELECT pg_backend_pid()", {})

    def listed(self) -> Iterator[tuple[str, Rounds]]:
        """Yield how long pages of lists took, by what they were asked for."""
        for name, question in LISTS.items():
            yield name, self._asked(partial(self._listed, question))
        yield "further pages", self._asked(self._further)

    def searched(self) -> Iterator[tuple[str, Rounds]]:
        """Yield how long searches took; who must be found is seen to be."""
        for name, question in SEARCHES.items():
            yield name, self._asked(partial(self._found, name, question))

    def changed(self) -> Rounds:
        """Return how long it took to hear of one change."""
        return self._asked(self._delta)

    def counted(self) -> Rounds:
        """Return how long it took to count all who have some name."""
        question = LISTS["given_name"]
        return self._asked(lambda asked: self._page(replace(question(asked), with_total=True)))

    def written(self) -> tuple[Rounds, Rounds]:
        """Return how long it took to create contacts, and to look who else they may be."""
        numbers = [self._book.numbers[7 * n % self._book.size] for n in range(self._times)]
        rounds = [[self._written(number) for number in numbers] for _ in range(ROUNDS)]
        creating, checking = ([[pair[n] for pair in found] for found in rounds] for n in (0, 1))
        return creating, checking

    def _written(self, number: int) -> tuple[Taken, Taken]:
        """Create somebody once more, and forget them again."""
        draft = replace(person(number), tags=(), custom=())
        with self._unit() as creating:
            created = self._host.service(Contacts).create(draft)
        with self._unit() as checking:
            self._host.service(Duplicates).follow((created.id,))
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            likely = self._host.service(Duplicates).of_contact(created.id)
            self._host.service(Contacts).delete(created.id)
        if not likely:
            raise SystemExit(f"not known again: {draft.name.full}")
        return creating[0], checking[0]

    def _asked(self, ask: Callable[[Asked], Taken]) -> Rounds:
        chance = random.Random(7)
        people = [somebody(self._book, chance) for _ in range(self._times)]
        return [[ask(asked) for asked in people] for _ in range(ROUNDS)]

    def _listed(self, question: Question, asked: Asked) -> Taken:
        return self._page(question(asked))

    def _page(self, wanted: ListQuery) -> Taken:
        with self._unit() as seconds:
            self._host.service(ContactDocuments).list(wanted)
        return seconds[0]

    def _further(self, asked: Asked) -> Taken:
        """Ask for the page behind somebody, in the order of names."""
        place = LISTS["name"](asked)
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            first = self._host.service(ContactDocuments).list(replace(place, limit=1))
        found = json.loads(first.items[0])
        wanted = replace(
            LISTS["sort name"](asked), after=(asked.draft.name.full.lower(), found["id"])
        )
        return self._page(wanted)

    def _found(self, name: str, question: Question, asked: Asked) -> Taken:
        with self._unit() as seconds:
            page = self._host.service(ContactDocuments).list(question(asked))
        if name in FINDING and not any(asked.email.encode() in item for item in page.items):
            raise SystemExit(f"not found by {name}: {question(asked).text}")
        return seconds[0]

    def _delta(self, asked: Asked) -> Taken:
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            documents = self._host.service(ContactDocuments)
            (found,) = documents.list(LISTS["email"](asked)).items
            mark = documents.changes(ChangeQuery(limit=1)).until
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            contact_id, note = json.loads(found)["id"], f"seen at {time.time_ns()}"
            self._host.service(Contacts).update(contact_id, ContactChanges(note=note))
        with self._unit() as seconds:
            page = self._host.service(ContactDocuments).changes(ChangeQuery(since=mark))
        if len(page.items) != 1 or note.encode() not in page.items[0]:
            raise SystemExit(f"expected one change: {page}")
        return seconds[0]

    @contextmanager
    def _unit(self) -> Iterator[list[Taken]]:
        """Open a unit of work; what it took is there behind it."""
        taken: list[Taken] = []
        begun, worked = time.perf_counter(), self._processor_seconds()
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            yield taken
        seconds = time.perf_counter() - begun
        taken.append((seconds, self._processor_seconds() - worked))

    def _processor_seconds(self) -> float:
        """Return how long processors have worked for this process and for its connection."""
        nanoseconds = Path(f"/proc/{self._backend}/schedstat").read_text().split()[0]
        return time.process_time() + int(nanoseconds) / 1e9


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
