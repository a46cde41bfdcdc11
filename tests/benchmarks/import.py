"""How fast an address book comes in over HTTP, against a bare COPY of the same rows.

The same tables with all indexes and foreign keys, emptied before each: first the server imports
100,000 cards (MEISHI_BENCH_CONTACTS), then the superuser copies the rows that this made, with the
keys under which duplicates are looked for. Rounds are interleaved, medians reported. From the
upload to the end of the operation, which is asked for all the time, while other workers follow the
events.

`peak_mb` is the most memory that the process which runs jobs ever had, when a quarter of an import
is done and at its end; `peak_mb_of_others` that of the largest other one, as of those that answer
requests, who take the file in. `twice` and `missing` are what is wrong after an import whose worker
was `killed` (-9) so often at random moments: both have to be 0. `radicale_cards_per_s` is what
Radicale does with a whole book of 10,000 cards, or fewer, in one PUT: it stores files, without any
search.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from tests.benchmarks._address_books import address_book
from tests.benchmarks._import_server import Api, new_token, serving
from tests.benchmarks._killed_import import killed_import
from tests.benchmarks._radicale_peer import radicale_cards_per_s
from tests.benchmarks._sizes import contacts
from tests.processes import named, postmaster_of, processes_of

from crm_contacts.models import metadata
from meishi.database.location import locate
from meishi.settings import load_settings

ROUNDS = 3
CARDS, PEER_CARDS = 100_000, 10_000
QUARTER = 0.25
RATIO, GROWTH = 0.30, 1.2

#: All tables, in an order that keeps foreign keys.
ALL = tuple(table.name for table in metadata.sorted_tables)
#: What an import writes: not the pieces of its file, and not the pairs that are found afterwards.
TABLES = tuple(name for name in ALL if name not in {"import_piece", "duplicate_pair"})
_EMPTY = "TRUNCATE " + ", ".join(f"crm_contacts.{name}" for name in ALL)
_STATE = """
    SELECT count(*), sum(version), max(updated_at),
        (SELECT count(*) FROM meishi_events.event WHERE type LIKE 'contact.%')
    FROM crm_contacts.contact
"""


def peak_mb(home: Path) -> float:
    """Return the most memory that the process which runs jobs ever had."""
    (worker,) = named(home, "--jobs")
    return _number("VmHWM", Path(f"/proc/{worker}/status").read_text()) / 1024


def peak_mb_of_others(home: Path) -> float:
    """Return the most memory that any other process of the system ever had, but the database's."""
    jobs, database = named(home, "--jobs"), postmaster_of(home)
    found = []
    for process in set(processes_of(home)) - {*jobs, database}:
        status = Path(f"/proc/{process}/status").read_text()
        if _number("PPid", status) != database:
            found.append(_number("VmHWM", status))
    return max(found) / 1024


def _number(name: str, status: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    assert found is not None
    return int(found[1])


def copied_seconds(admin: psycopg.Connection[Any]) -> float:
    """Empty the tables and copy their rows back, in one transaction; return how long it took."""
    rows: dict[str, bytes] = {}
    for name in TABLES:
        with admin.cursor().copy(f"COPY crm_contacts.{name} TO STDOUT".encode()) as copy:
            rows[name] = b"".join(bytes(part) for part in copy)
    empty(admin)
    started = time.perf_counter()
    with admin.transaction():
        for name, content in rows.items():
            with admin.cursor().copy(f"COPY crm_contacts.{name} FROM STDIN".encode()) as copy:
                copy.write(content)
    return time.perf_counter() - started


def empty(admin: psycopg.Connection[Any]) -> None:
    """Begin anew, with nothing left to be written to the disk."""
    admin.execute(_EMPTY.encode())
    admin.execute("CHECKPOINT")


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    size = contacts(CARDS)
    book = address_book(size)
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
        home = Path(folder)
        token = new_token(home)
        location = locate(load_settings(overrides={"home": str(home)}))
        try:
            url = location.administrator_url().replace("+psycopg", "", 1)
            with psycopg.connect(url, autocommit=True) as admin:
                with serving(home, token) as api:
                    figures = flat(api, admin, home, book, size)
                with serving(home, token) as api:
                    empty(admin)
                    figures |= killed_import(api, admin, home, book, size)
                with serving(home, token) as api:
                    api.imported(address_book(1))  # from here on the worker is there
                    rounds = [measured(api, admin, book, size) for _ in range(ROUNDS)]
        finally:
            location.close()
    figures["radicale_cards_per_s"] = round(radicale_cards_per_s(min(size, PEER_CARDS)))
    report(rounds, figures, size)


def flat(
    api: Api, admin: psycopg.Connection[Any], home: Path, book: bytes, size: int
) -> dict[str, Any]:
    """Return how much memory an import takes, and whether the same one again changes nothing."""
    peaks: list[float] = []

    def look(part: float) -> None:
        if part >= QUARTER and not peaks:
            peaks.append(peak_mb(home))

    empty(admin)
    check(api.imported(book, look), created=size)
    peaks.append(peak_mb(home))
    before = admin.execute(_STATE).fetchone()
    check(api.imported(book), unchanged=size)
    return {
        "peak_mb_at_a_quarter": round(peaks[0], 1),
        "peak_mb": round(peaks[-1], 1),
        "peak_mb_of_others": round(peak_mb_of_others(home), 1),
        "peak_growth": round(peaks[-1] / peaks[0], 3),
        "reimport_changes_nothing": before == admin.execute(_STATE).fetchone(),
    }


def measured(
    api: Api, admin: psycopg.Connection[Any], book: bytes, size: int
) -> tuple[float, float]:
    """Return the seconds of an import and of a copy of its rows."""
    empty(admin)
    started = time.perf_counter()
    done = api.imported(book)
    seconds = time.perf_counter() - started
    check(done, created=size)
    copying = copied_seconds(admin)
    print(f"import {seconds:.2f} s, copy {copying:.2f} s, ratio {copying / seconds:.2f}")
    return seconds, copying


def check(done: dict[str, Any], **counts: int) -> None:
    """End the benchmark if an import did something else."""
    for name, expected in counts.items():
        if done["counts"][name] != expected:
            raise SystemExit(f"expected {expected} {name}: {done['counts']}")


def report(rounds: list[tuple[float, float]], found: dict[str, Any], size: int) -> None:
    """Print medians of the rounds, and what else was found."""
    ratio = statistics.median(copying / seconds for seconds, copying in rounds)
    figures = {
        "contacts": size,
        "contacts_per_s": round(size / statistics.median(item[0] for item in rounds)),
        "copy_contacts_per_s": round(size / statistics.median(item[1] for item in rounds)),
        "ratio_to_copy": round(ratio, 3),
        **found,
        "load": os.getloadavg()[0],
    }
    sound = not found["twice"] and not found["missing"] and found["reimport_changes_nothing"]
    result = {
        "benchmark": "import",
        "figures": figures,
        "targets": {"ratio_to_copy": RATIO, "peak_growth": GROWTH, "twice": 0, "missing": 0},
        "holds": ratio >= RATIO and found["peak_growth"] < GROWTH and sound,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
