"""How fast an address book comes in over HTTP, against a bare COPY of the same rows.

The same tables with all indexes and foreign keys, emptied before each: first the server imports
20,000 cards, then the superuser copies the rows that this made. Rounds are interleaved, medians
reported. From the upload to the end of the operation, which is asked for all the time. `peak_mb` is
that of the process that runs jobs, in a system of its own for each size.
"""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from tests.benchmarks._address_books import address_book
from tests.benchmarks._import_server import Api, new_token, serving
from tests.processes import named

from meishi.database.location import locate
from meishi.settings import load_settings

ROUNDS = 3
SMALL, LARGE = 5_000, 20_000
RATIO, GROWTH = 0.30, 1.2

#: What an import writes, in an order that keeps foreign keys.
TABLES = (
    *("contact", "email", "phone", "link", "address", "word", "contact_word", "fingerprint"),
    *("contact_import", "import_row"),
)
_EMPTY = "TRUNCATE " + ", ".join(f"crm_contacts.{name}" for name in (*TABLES, "import_piece"))
_STATE = """
    SELECT count(*), sum(version), max(updated_at),
        (SELECT count(*) FROM meishi_events.event WHERE type LIKE 'contact.%')
    FROM crm_contacts.contact
"""


def peak_mb(home: Path) -> float:
    """Return the most memory that the process which runs jobs ever had."""
    (worker,) = named(home, "--jobs")
    return _number("VmHWM", Path(f"/proc/{worker}/status").read_text()) / 1024


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
    books = {size: address_book(size) for size in (SMALL, LARGE)}
    peaks: dict[int, float] = {}
    unchanged: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
        home = Path(folder)
        token = new_token(home)
        location = locate(load_settings(overrides={"home": str(home)}))
        try:
            url = location.administrator_url().replace("+psycopg", "", 1)
            with psycopg.connect(url, autocommit=True) as admin:
                for size, book in books.items():
                    empty(admin)
                    with serving(home, token) as api:
                        check(api.imported(book), created=size)
                        peaks[size] = peak_mb(home)
                        before = admin.execute(_STATE).fetchone()
                        check(api.imported(book), unchanged=size)
                        unchanged.append(before == admin.execute(_STATE).fetchone())
                with serving(home, token) as api:
                    rounds = [measured(api, admin, books[LARGE]) for _ in range(ROUNDS)]
        finally:
            location.close()
    report(rounds, peaks, reimport_changes_nothing=all(unchanged))


def measured(api: Api, admin: psycopg.Connection[Any], book: bytes) -> tuple[float, float]:
    """Return the seconds of an import and of a copy of its rows."""
    empty(admin)
    started = time.perf_counter()
    done = api.imported(book)
    seconds = time.perf_counter() - started
    check(done, created=LARGE)
    copying = copied_seconds(admin)
    print(f"import {seconds:.2f} s, copy {copying:.2f} s, ratio {copying / seconds:.2f}")
    return seconds, copying


def check(done: dict[str, Any], **counts: int) -> None:
    """End the benchmark if an import did something else."""
    for name, expected in counts.items():
        if done["counts"][name] != expected:
            raise SystemExit(f"expected {expected} {name}: {done['counts']}")


def report(
    rounds: list[tuple[float, float]], peaks: dict[int, float], *, reimport_changes_nothing: bool
) -> None:
    """Print medians of the rounds."""
    ratio = statistics.median(copying / seconds for seconds, copying in rounds)
    growth = peaks[LARGE] / peaks[SMALL]
    figures = {
        "contacts_per_s": round(LARGE / statistics.median(item[0] for item in rounds)),
        "copy_contacts_per_s": round(LARGE / statistics.median(item[1] for item in rounds)),
        "ratio_to_copy": round(ratio, 3),
        "peak_mb_at_5000": round(peaks[SMALL], 1),
        "peak_mb_at_20000": round(peaks[LARGE], 1),
        "peak_growth": round(growth, 3),
        "reimport_changes_nothing": reimport_changes_nothing,
    }
    result = {
        "benchmark": "import",
        "figures": figures,
        "targets": {"ratio_to_copy": RATIO, "peak_growth": GROWTH},
        "holds": ratio >= RATIO and growth < GROWTH and reimport_changes_nothing,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
