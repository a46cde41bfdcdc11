"""An import whose worker is killed (-9) at random moments: what is there twice, and what is not."""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from tests.benchmarks._import_server import Api
from tests.processes import named, wait_until

KILLS = 6

#: Each card of an address book has an email address of its own, as its first.
_TRUTH = """
    SELECT count(*), count(DISTINCT address), (SELECT count(*) FROM crm_contacts.contact),
        (SELECT count(DISTINCT contact_id) FROM crm_contacts.import_row),
        (SELECT count(*) FROM crm_contacts.import_row)
    FROM crm_contacts.email WHERE position = 0
"""
_EVENTS = """
    SELECT count(*), count(DISTINCT subject) FROM meishi_events.event
    WHERE type = 'contact.created.v1' AND subject IN (
        SELECT id::text FROM crm_contacts.contact)
"""


class Killer:
    """Kills the process that runs jobs whenever an import has come past the next of its places."""

    def __init__(self, home: Path, *, seed: int = 2026) -> None:
        chance = random.Random(seed)
        self._home = home
        self._places = sorted(chance.uniform(0.02, 0.98) for _ in range(KILLS))
        self.killed = 0

    def look(self, part: float) -> None:
        """Kill it if it is time for that; the worker starts another one."""
        if self._places and part >= self._places[0]:
            self._places.pop(0)
            wait_until(self._kill, "a process that runs jobs")

    def _kill(self) -> bool:
        for process in named(self._home, "--jobs"):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                self.killed += 1
                return True
        return False


def killed_import(
    api: Api, admin: psycopg.Connection[Any], home: Path, book: bytes, size: int
) -> dict[str, int]:
    """Import an address book under fire into empty tables; return what is wrong with the result.

    `twice` counts contacts, rows of the import and events that are there again, `missing` those
    that are not.
    """
    killer = Killer(home)
    done = api.imported(book, killer.look)
    if done["counts"]["rows"] != size:
        raise SystemExit(f"expected {size} rows: {done['counts']}")
    (emails, cards, contacts, noted, rows) = _one(admin, _TRUTH)
    events, subjects = _one(admin, _EVENTS)
    there = ((emails, cards), (contacts, cards), (rows, noted), (events, subjects))
    return {
        "killed": killer.killed,
        "twice": sum(count - different for count, different in there),
        "missing": sum(size - different for different in (cards, noted, subjects)),
    }


def _one(admin: psycopg.Connection[Any], query: str) -> tuple[int, ...]:
    row = admin.execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)
